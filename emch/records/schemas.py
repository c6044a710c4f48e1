"""The layouts that records have had, and how each becomes that of today.

1 had the parameters and what was counted among its own fields; 2 had them in `parameters`,
`options` and `counts`, repeated them flat with every metric's value, and kept samples by name; 3
has rows, and a namespace for each thing.
"""

from collections.abc import Mapping
from typing import Any

from emch.errors import InvalidInput
from emch.records.row import checked, counted, sampled

SCHEMA_VERSION = 3


def as_of_today(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the JSON of a record in the layout of today.

    Raises
    ------
    InvalidInput
        It is of a version that this emch does not read.
    KeyError, TypeError
        It does not have what its version promises.
    """
    version = found["schema_version"]
    if version == 1:
        return _third(_second(found))
    if version == 2:
        return _third(found)
    if version == SCHEMA_VERSION:
        return found
    raise InvalidInput(
        f"a record of schema version {version}; this emch reads 1, 2 and {SCHEMA_VERSION}"
    )


def _second(first: Mapping[str, Any]) -> dict[str, Any]:
    """Move what was asked for and what was counted to where the second version has it."""
    return {
        **first,
        "parameters": {name: first[name] for name in ("dataset", "batch_size", "limit")},
        "options": {"threads": first["threads"]},
        "counts": {name: first[name] for name in ("queries", "documents", "hits")},
    }


def _third(second: Mapping[str, Any]) -> dict[str, Any]:
    """Make rows of the counts, the samples and the check."""
    rows = [
        *(counted(name, value) for name, value in second["counts"].items()),
        *(sampled(name, values) for name, values in second["samples"].items()),
        checked(second["cosine_to_reference"], second["artifact"]),
    ]
    return {**second, "rows": [row.to_dict() for row in rows]}
