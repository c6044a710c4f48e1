"""The changes that do not matter, cell by cell, as a team has agreed in its pyproject.toml."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emch.errors import InvalidInput
from emch.tracking.files import reading

FILE = "pyproject.toml"
TABLE = "tool.emch.compare.thresholds"


def read_thresholds(folder: Path) -> dict[str, float]:
    """Return the thresholds of a project by the regular expressions of their cells.

    Parameters
    ----------
    folder : Path
        The one that pyproject.toml is in, if there is one.

    Raises
    ------
    InvalidInput
        The file cannot be read, or the table maps something else than patterns to percentages.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    with reading(FILE, "correct it"):
        found: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    for key in TABLE.split("."):
        found = found.get(key, {}) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        raise InvalidInput(f"[{TABLE}] in {FILE} must map patterns to percentages")
    return {like: _threshold(like, text) for like, text in found.items()}


def _threshold(like: str, text: object) -> float:
    try:
        re.compile(like)
    except re.error as error:
        raise InvalidInput(f"'{like}' in {FILE} is no regular expression: {error}") from error
    number = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", text) if isinstance(text, str) else None
    if number is None or not 0 < float(number[1]) <= 100:
        raise InvalidInput(
            f"the threshold {text!r} of '{like}' in {FILE} must be a percentage above 0, in "
            'quotes, such as "10%"'
        )
    return float(number[1]) / 100
