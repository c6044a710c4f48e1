"""Where a side's code is, seen from the folder that its process runs in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

LINK = "side"
"""The link to the side's sources in that folder."""

CACHE = "cache.pickle"
"""The file in that folder for what `setup_cache` returned."""

HERE = "/proc/self/cwd"
"""Linux's name for the folder that a process runs in, the same in both sides."""


@dataclass(frozen=True)
class Place:
    """Where the side's code is.

    Attributes
    ----------
    suite : Path
        The folder of the benchmarks; an absolute one is that of both sides.
    packages : sequence of Path
        The folders that packages may be in; none where the project is installed, as asv does it,
        whose benchmarks know nothing of answers.
    project : str
        The distribution under test.
    timeout_s : float
        Of a benchmark that names none.
    """

    suite: Path
    packages: Sequence[Path]
    project: str
    timeout_s: float

    @classmethod
    def of(cls, suite: str, packages: Sequence[str], project: str, timeout_s: float) -> Place:
        """Take what is given by its name in the side's sources."""
        side = (Path(HERE) if Path(HERE).is_dir() else Path.cwd()) / LINK
        there = [side / each for each in packages if (side / each).is_dir()]
        return cls(side / suite, there, project, timeout_s)


def refuse_installed(place: Place) -> None:
    """Refuse to measure the copy of the project that asv installed: both sides would have it.

    Raises
    ------
    ImportError
        A module of the project is not from this side's folder.
    """
    try:
        files = distribution(place.project).files or () if place.packages else ()
    except PackageNotFoundError:
        return
    installed = {file.parts[0].partition(".")[0] for file in files}
    for name in installed & sys.modules.keys():
        if name.startswith("__editable__"):  # how setuptools finds the folder that is installed
            continue
        path = Path(getattr(sys.modules[name], "__file__", None) or "")
        here = any(
            path.is_relative_to(each / name) or path.parent == each for each in place.packages
        )
        if path.name and not here:
            raise ImportError(
                f"the package '{name}' is neither at the root of this side nor in its src/, and "
                "the copy that asv installed is the same for both sides: --asv installs each side"
            )
