"""The two consoles: results on stdout, progress on stderr, and only to a terminal."""

import sys

from rich.console import Console
from rich.table import Table

WIDTH_OF_FILES = 120


def _console(*, stderr: bool) -> Console:
    """Return a console that takes texts such as 'emch[prepare]' as they stand."""
    terminal = (sys.stderr if stderr else sys.stdout).isatty()
    width = None if terminal else WIDTH_OF_FILES
    quiet = stderr and not terminal
    return Console(stderr=stderr, width=width, quiet=quiet, highlight=False, markup=False)


out = _console(stderr=False)
progress = _console(stderr=True)


def table(*columns: str, numbers: frozenset[str] = frozenset()) -> Table:
    """Return an empty table; the columns named in `numbers` are set to the right."""
    made = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return made
