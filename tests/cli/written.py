"""What the tests of `emch run` read off the JSON of a record."""

import json
from typing import Any

MERGED = ("parameters", "options", "values")


def read(line: str) -> dict[str, Any]:
    """Return all that is in a record's namespaces under one roof; no name is there twice.

    `samples` has what has samples, by name.
    """
    record: dict[str, Any] = json.loads(line)
    rows = record["rows"]
    counts = {row["metric"]: row["value"] for row in rows if "value" in row}
    counts.pop("cosine_to_reference", None)  # the values have it
    samples = {row["metric"]: row["samples"] for row in rows if "samples" in row}
    found = {name: record[name] for name in record.keys() - {"rows", "values"}}
    for more in ({"samples": samples}, counts, *(record[name] for name in MERGED)):
        assert not found.keys() & more.keys()
        found |= more
    return found
