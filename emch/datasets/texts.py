"""Texts of the user's own: a file with one a line, or JSON lines."""

import json
from pathlib import Path

from emch.datasets.beir import read_lines, require_encodable
from emch.errors import InvalidInput

FIELD = "text"
"""What an object in a file of JSON lines has the text in."""


def read_texts(path: Path) -> tuple[str, ...]:
    """Read the texts of a file, in its order.

    Parameters
    ----------
    path : Path
        JSON lines where its name ends in .jsonl, each a text or an object with the text in
        `text`; else every line that is not blank is a text.

    Raises
    ------
    InvalidInput
        There is no such file, it is not UTF-8, a line of it is no text, or it has none.
    """
    parse = _parse if path.suffix == ".jsonl" else _as_it_is
    texts = tuple(parse(place, line) for place, line in read_lines(path, "give a file of texts"))
    if not texts:
        raise InvalidInput(f"{path}: the file has no texts")
    return texts


def _as_it_is(_: str, line: str) -> str:
    return line


def _parse(place: str, line: str) -> str:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{place}: not valid JSON ({error})") from error
    text = found.get(FIELD) if isinstance(found, dict) else found
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput(
            f"{place}: it has to be a text, or an object with one in '{FIELD}' that is not empty"
        )
    require_encodable(place, FIELD, text)
    return text
