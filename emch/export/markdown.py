"""Tables in Markdown."""

from collections.abc import Iterable, Sequence

TEXTS = 2
"""The columns from the left that hold texts; the others hold figures, and are set to the right."""


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, a line each for headings, alignment and rows."""
    aligned = ["---"] * TEXTS + ["---:"] * (len(headings) - TEXTS)
    return "".join(f"| {' | '.join(line)} |\n" for line in (headings, aligned, *rows))
