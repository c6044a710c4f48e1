"""Lets what runs here import the package of a repository, installed or not."""

import os
import sys
from pathlib import Path

from emch.errors import InvalidInput
from emch.tracking.quickstart.repo import Repo


def make_importable(repo: Repo, function: str) -> None:
    """Put a repository's package on the path of this process and of those that it starts.

    Raises
    ------
    InvalidInput
        There is no package that asv could install, or it is not in the repository.
    """
    if repo.package is None:
        raise InvalidInput(
            f"the repository {repo.root} has no pyproject.toml or setup.py with a name, so asv "
            f"cannot install the package of '{function}': add one"
        )
    package = function.partition(":")[0].partition(".")[0]
    places = [place for place in (repo.root, repo.root / "src") if _has(place, package)]
    if not places:
        raise InvalidInput(
            f"the package '{package}' of '{function}' is neither at the root of {repo.root} nor in "
            "its src/, where the code of each commit is taken from"
        )
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([*map(str, places), *([before] if before else [])])
    sys.path[:0] = map(str, places)


def _has(place: Path, package: str) -> bool:
    return (place / package).is_dir() or (place / f"{package}.py").is_file()
