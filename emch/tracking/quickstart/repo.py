"""The repository that quickstart is called in: what git says of it, and what it is not fit for."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from emch.errors import InvalidInput, Unavailable
from emch.tracking.quickstart.package import Package, find_package

BRANCHES = ("main", "master")
"""What the branch that others start from is called, where git does not say."""


@dataclass(frozen=True)
class Repo:
    """A repository that can be tracked.

    Attributes
    ----------
    root : Path
        Its folder, which may have nothing in it yet.
    branch : str
        The branch whose history is tracked.
    remote : str
        Where `origin` is; empty where there is none.
    package : Package or None
        The Python package at its root.
    is_new : bool
        Whether git has to be told of it first.
    """

    root: Path
    branch: str
    remote: str = ""
    package: Package | None = None
    is_new: bool = False

    def tracks(self, path: Path) -> bool:
        """Say whether a file, or something in a folder, is in its commits."""
        inside = path.resolve().is_relative_to(self.root)
        return inside and not self.is_new and bool(_ask(self.root, "ls-files", "--", str(path)))


def find_repo(folder: Path) -> Repo:
    """Look at the repository of a folder; an empty folder is to become one.

    Raises
    ------
    InvalidInput
        It is no repository, or has no commits, changes that are not committed, no branch, no
        history, or another root.
    Unavailable
        git is not installed, or cannot read it.
    """
    root = _root(folder)
    if not os.access(folder, os.W_OK):
        raise InvalidInput(f"the folder {folder} cannot be written to: change its permissions")
    if root is None:
        if any(folder.iterdir()):
            raise InvalidInput(
                f"{folder} is in no git repository, and not empty: call 'git init' and commit what "
                "is there, or start in an empty folder"
            )
        return Repo(folder, BRANCHES[0], is_new=True)
    if root != folder:
        raise InvalidInput(f"{folder} is inside of the repository {root}: call this from there")
    if not _ask(root, "rev-parse", "--quiet", "--verify", "HEAD"):
        raise InvalidInput(
            f"the repository {root} has no commits, and a history needs one: commit something first"
        )
    branch = _ask(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    if not branch:
        raise InvalidInput(
            f"the repository {root} has no branch checked out (its head is detached), and a "
            "history is that of a branch: call 'git switch' with one"
        )
    _require_whole(root)
    return Repo(root, _main_branch(root, branch), _remote(root), find_package(root))


def begin(repo: Repo) -> None:
    """Make a folder a repository, where it is none."""
    if repo.is_new:
        _ask(repo.root, "init", "--quiet", "--initial-branch", repo.branch)


def commit_first(repo: Repo) -> None:
    """Commit all that is in a repository that was made here; asv needs a commit.

    Raises
    ------
    Unavailable
        git cannot commit.
    """
    known = _ask(repo.root, "config", "user.email")
    identity = () if known else ("-c", "user.name=emch", "-c", "user.email=emch@localhost")
    _ask(repo.root, "add", "--all")
    done = _git(repo.root, *identity, "commit", "--quiet", "--message", "Track it with emch")
    if done.returncode != 0:
        raise Unavailable(f"git cannot commit in {repo.root}: {done.stderr.strip()}")


def _root(folder: Path) -> Path | None:
    """Return the root of the repository that a folder is in; None where there is none."""
    done = _git(folder, "rev-parse", "--show-toplevel")
    if done.returncode == 0:
        return Path(done.stdout.removesuffix("\n"))
    if "not a git repository" in done.stderr:
        return None
    raise Unavailable(f"git cannot read the repository in {folder}: {done.stderr.strip()}")


def _require_whole(root: Path) -> None:
    """Refuse changes that are not committed, and a clone without its older commits."""
    changed = _ask(root, "status", "--porcelain", "--untracked-files=no").splitlines()
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise InvalidInput(
            f"the repository {root} has changes that are not committed "
            f"({changed[0].split(maxsplit=1)[1]}{more}): commit or stash them, so that what "
            "quickstart writes is a change of its own"
        )
    if _ask(root, "rev-parse", "--is-shallow-repository") == "true":
        raise InvalidInput(
            f"the clone {root} is shallow, so that older commits cannot be measured: call "
            "'git fetch --unshallow'"
        )


def _main_branch(root: Path, current: str) -> str:
    """Return the branch that others start from: what origin says, or its name, or the current."""
    head = _ask(root, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    for name in (head.removeprefix("origin/"), *BRANCHES):
        if name and _ask(root, "rev-parse", "--quiet", "--verify", f"refs/heads/{name}"):
            return name
    return current


def _remote(root: Path) -> str:
    return _ask(root, "config", "--get", "remote.origin.url")


def _ask(root: Path, *arguments: str) -> str:
    """Return what git prints; nothing where it fails, which these questions use for no."""
    done = _git(root, *arguments)
    return done.stdout.strip() if done.returncode == 0 else ""


def _git(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env={**os.environ, "LC_ALL": "C"},  # its words are read
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise Unavailable(f"git is not installed ({error}): install it") from error
