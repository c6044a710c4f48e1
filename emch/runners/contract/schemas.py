"""The published schemas of jobs, results and descriptions, and where JSON is not what they say."""

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

from emch.errors import Unavailable


def validator(name: str) -> Any:
    """Return what validates against a schema, by its name.

    Raises
    ------
    Unavailable
        The package jsonschema is not installed.
    """
    try:
        from jsonschema import Draft202012Validator
    except ImportError as error:
        raise Unavailable(f"{error}: pip install 'emch[native]'") from error
    text = (resources.files("emch.runners") / "schemas" / f"{name}.json").read_text()
    return Draft202012Validator(json.loads(text))


def misfits(name: str, content: Any) -> Iterator[str]:
    """Yield where JSON is not what a schema says."""
    from jsonschema.exceptions import best_match

    if error := best_match(validator(name).iter_errors(content)):
        place = "/".join(map(str, error.absolute_path)) or "the top"
        yield f"the {name} is not what its schema says, at {place}: {error.message[:200]}"
