"""The two consoles: results on stdout, progress on stderr, and only to a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from emch.cache import replace_file, replacing
from emch.errors import InvalidInput
from emch.measure.cpus import allowed_cpus, cpu_quota, usable_cpus

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


def require_writable(option: str, path: Path) -> None:
    """Refuse a file that cannot be written before anything is measured for it."""
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise InvalidInput(f"{option} {path}: not a file in a folder that can be written to")


def write_whole(option: str, path: Path, text: str) -> None:
    """Write the file that an option names, whole or not at all."""
    with _saying_why_not(option, path):
        replace_file(path, text)


@contextmanager
def writing_whole(option: str, path: Path) -> Iterator[Path]:
    """Yield the name of an unfinished file for one that is too long for `write_whole`."""
    require_writable(option, path)
    with _saying_why_not(option, path), replacing(path) as unfinished:
        yield unfinished


@contextmanager
def _saying_why_not(option: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidInput(f"{option} {path}: cannot be written ({error.strerror})") from error


def say_quota() -> None:
    """Say on stderr that a quota allows less than the CPUs, where it does: figures depend on it."""
    allowed, quota = allowed_cpus(), cpu_quota()
    if quota is not None and quota < allowed:
        log(
            f"a control group's quota allows this process {quota:g} of {allowed} CPUs; "
            f"emch counts {usable_cpus()} as usable"
        )


def log(text: str) -> None:
    """Write a line to stderr, whether or not it is a terminal: for verbs that take hours."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
