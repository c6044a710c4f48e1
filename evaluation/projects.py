"""Small asv projects that know nothing of emch, made after the structure of well-known ones.

`arrays` has its suite in a folder of its own, as numpy does; `estimators` has classes with a
`setup_cache` and figures of all kinds, as scikit-learn does; `parsers` has its package in src/.
All that they do is proportional to `1 + EXTRA`, a number in their package.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from evaluation.texts import replace_once

EMCH = Path(sys.executable).with_name("emch")
TEMPLATES = Path(__file__).with_name("asv_projects")
NO_EXTRA = "EXTRA = 0.0\n"


@dataclass(frozen=True)
class Project:
    """A made project.

    Attributes
    ----------
    package : str
        The file that says how much more it does, in the repository.
    configured_in : str
        The folder of its asv.conf.json, in the repository.
    """

    package: str
    configured_in: str = "."


PROJECTS = {
    "arrays": Project("arrays/__init__.py", "benchmarks"),
    "estimators": Project("estimators/__init__.py", "asv_benchmarks"),
    "parsers": Project("src/parsers/__init__.py"),
}


def make_project(name: str, folder: Path) -> Path:
    """Make a repository with a first commit, and return the folder to call asv in."""
    shutil.copytree(TEMPLATES / name, folder)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "first")
    return folder / PROJECTS[name].configured_in


def commit_extra(name: str, folder: Path, extra: float) -> None:
    """Commit a share of all work that is done once more; 0 is an empty commit."""
    replace_once(folder / PROJECTS[name].package, NO_EXTRA, f"EXTRA = {extra}\n")
    commit(folder, f"{extra:.0%} more")


def commit(folder: Path, message: str) -> None:
    """Commit all that is there."""
    git(folder, "add", "--all")
    author = ["-c", "user.name=evaluation", "-c", "user.email=evaluation@localhost"]
    git(folder, *author, "commit", "--quiet", "--allow-empty", "--message", message)


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", *arguments], cwd=folder, check=True)
