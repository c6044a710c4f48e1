"""The files of quickstart: planned all together, and written only if none of them is in the way."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from emch.cache import replace_file
from emch.errors import InvalidInput

Way = Literal["new", "added to", "there already", "proposed"]


@dataclass(frozen=True)
class Planned:
    """A file that is to be written.

    Attributes
    ----------
    path : Path
        Where it goes.
    text : str
        All of it.
    way : str
        Whether it is new, is added to, is there already as it has to be, or is only proposed,
        since it is the user's.
    """

    path: Path
    text: str
    way: Way

    def difference(self, root: Path) -> str:
        """Return what it changes, as `diff -u` has it."""
        before = self.path.read_text(encoding="utf-8") if self.path.is_file() else ""
        name = self.path.relative_to(root).as_posix()
        lines = difflib.unified_diff(
            before.splitlines(keepends=True),
            self.text.splitlines(keepends=True),
            f"a/{name}" if before else "/dev/null",
            f"b/{name}",
        )
        return "".join(lines)


def plan_new(path: Path, text: str) -> Planned:
    """Plan a file of ours.

    Raises
    ------
    InvalidInput
        There is another one of this name.
    """
    if not path.exists() and not path.is_symlink():
        return Planned(path, text, "new")
    if path.is_file() and _read(path) == text:
        return Planned(path, text, "there already")
    raise InvalidInput(
        f"{path} is there already, and not as quickstart would write it now; it overwrites "
        "nothing: move that aside, or keep it and go on with 'emch track'"
    )


def plan_added(path: Path, part: str, mark: str) -> Planned:
    """Plan a part at the end of a text of the user's.

    Parameters
    ----------
    path : Path
        The file, which need not be there.
    part : str
        What is added, after an empty line.
    mark : str
        The line of it by which it is known to be there already.
    """
    before = _ended(path)
    if mark in before.splitlines():
        return Planned(path, before, "there already")
    return Planned(path, f"{before}\n{part}", "added to") if before else plan_new(path, part)


def plan_lines(path: Path, lines: Sequence[str]) -> Planned:
    """Plan lines that a list of the user's, such as .gitignore, has to have."""
    before = _ended(path)
    missing = "".join(f"{line}\n" for line in lines if line not in before.splitlines())
    if not missing:
        return Planned(path, before, "there already")
    return Planned(path, before + missing, "added to") if before else plan_new(path, missing)


def _ended(path: Path) -> str:
    """Return the text of a file with its last line ended; nothing where it is not there."""
    before = _read(path) if path.exists() else ""
    return before if before.endswith("\n") or not before else f"{before}\n"


def write(planned: Sequence[Planned]) -> None:
    """Write what is planned; where one cannot be written, those before it are taken back.

    Raises
    ------
    InvalidInput
        A file cannot be written.
    """
    done: list[tuple[Path, str | None]] = []
    try:
        for each in planned:
            if each.way in ("new", "added to"):
                before = _read(each.path) if each.path.exists() else None
                each.path.parent.mkdir(parents=True, exist_ok=True)
                replace_file(each.path, each.text)
                done.append((each.path, before))
    except BaseException as stop:  # Ctrl-C too leaves nothing half-written
        for path, before in done:
            if before is None:
                path.unlink()
            else:
                replace_file(path, before)
        if isinstance(stop, OSError):
            raise InvalidInput(f"{each.path} cannot be written ({stop.strerror})") from stop
        raise


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read as text ({error}): move it aside") from error
