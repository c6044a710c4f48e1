"""Tables in Markdown."""

from collections.abc import Iterable, Sequence

TEXTS = 2
"""The columns from the left that hold texts; the others hold figures, and are set to the right."""


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, a line each for headings, alignment and rows."""
    aligned = ["---"] * TEXTS + ["---:"] * (len(headings) - TEXTS)
    lines = (headings, aligned, *rows)
    return "".join(f"| {' | '.join(map(_escape, line))} |\n" for line in lines)


def _escape(text: str) -> str:
    """Keep a text from ending its cell or its line, and from becoming markup."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
