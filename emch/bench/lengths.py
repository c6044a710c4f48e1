"""Lengths of sequences: numbers that the user gives, or those of the lines of a text file."""

from collections.abc import Callable
from pathlib import Path

from emch.errors import InvalidInput
from emch.models.tokenizer import TOKENIZER, load_tokenizer

SPECIAL = 2
"""The tokens that most models put around a text."""


def read_lengths(text: str, folder: Path) -> tuple[list[int], str]:
    """Read what the lengths of requests are drawn from.

    Parameters
    ----------
    text : str
        Numbers, as in `16,32,128`; or the path of a text file with a text in each line.
    folder : Path
        Where the model is, whose tokenizer counts the tokens of each text.

    Returns
    -------
    lengths : list of int
        As often as each is there.
    origin : str
        In words, where they come from.

    Raises
    ------
    InvalidInput
        It is neither, or a length is below 1, or the file has no text.
    """
    path = Path(text)
    if path.is_file():
        return _of_lines(path, folder)
    parts = text.split(",")
    if not all(part.strip().isdecimal() and int(part) >= 1 for part in parts):
        raise InvalidInput(
            f"'{text}' is neither a text file that is there nor lengths from 1 on such as 16,32,128"
        )
    return [int(part) for part in parts], f"drawn from {', '.join(parts)}"


def _of_lines(path: Path, folder: Path) -> tuple[list[int], str]:
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is no text file in UTF-8 ({error.reason})") from error
    if not lines:
        raise InvalidInput(f"{path} has no line with a text in it")
    count, how = _counter(folder)
    return [count(line) for line in lines], f"drawn from the {len(lines):,} lines of {path}, {how}"


def _counter(folder: Path) -> tuple[Callable[[str], int], str]:
    """Return what counts the tokens of a text, and how it does that, in words."""
    if not (folder / TOKENIZER).is_file():
        how = f"words and {SPECIAL}, since there is no {TOKENIZER} beside the model"
        return lambda line: len(line.split()) + SPECIAL, how
    tokenizer = load_tokenizer(folder)
    return lambda line: len(tokenizer.encode(line).ids), f"tokens by {folder / TOKENIZER}"
