"""Which commits count: those that git reaches from the branches of asv.conf.json, HEAD or a tag.

HEAD counts so that whoever works on a branch of their own sees what they have just measured; asv
takes what is tagged for a part of every branch.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from asv.config import Config
from asv.console import log
from asv.plugins.git import Git
from asv.repo import NoSuchNameError, Repo, get_repo
from asv.util import ProcessError, UserError

from emch.errors import InvalidInput, Unavailable

HEAD = "HEAD"


class WholeHistory(Git):  # type: ignore[misc] # asv has no types
    """A git repository as asv has it, but a branch is all that git reaches from it.

    asv follows the first parents of merges alone, and so forgets what was measured on a branch
    before that was merged.
    """

    dvcs = "emch-git"

    def get_branch_commits(self, branch: str | None) -> list[str]:
        """Return the hashes of a branch, the newest first."""
        listed: str = self._run_git(["rev-list", self.get_branch_name(branch), "--"], dots=False)
        return listed.split()

    def is_shallow(self) -> bool:
        """Say whether the clone lacks older commits."""
        answer: str = self._run_git(["rev-parse", "--is-shallow-repository"], dots=False)
        return answer.strip() == "true"


@dataclass(frozen=True)
class Commits:
    """The commits that count.

    Attributes
    ----------
    places : mapping of str to int
        The hash of each, with a number that rises from the oldest to the newest.
    branches : tuple of str or None
        What they are reached from: the branches of asv.conf.json, and HEAD where those lack it.
    shallow : bool
        Whether the clone lacks older commits.
    """

    places: Mapping[str, int]
    branches: tuple[str | None, ...]
    shallow: bool


def counted_commits(config: Config) -> Commits:
    """Return the commits of the repository of asv.conf.json that count.

    Raises
    ------
    InvalidInput
        The repository, or one of the branches, is not there.
    Unavailable
        git is not installed, or cannot read the repository.
    """
    repo = open_repo(config)
    with _asking_git(config):
        found = {
            commit
            for branch in config.branches
            for commit in repo.get_branch_commits(_known(repo, branch, config))
        }
        branches = list(config.branches)
        head = _head(repo)
        if head is not None and head not in found:
            branches.append(HEAD)
            found.update(repo.get_branch_commits(HEAD))
        found.update(repo.get_tags().values())
        shallow = isinstance(repo, WholeHistory) and repo.is_shallow()
        return Commits(repo.get_revisions(found), tuple(branches), shallow)


def open_repo(config: Config) -> Repo:
    """Open the repository that asv.conf.json names; one from elsewhere is cloned once.

    Raises
    ------
    InvalidInput
        There is none.
    Unavailable
        git is not installed, or cannot clone it.
    """
    try:
        with _asking_git(config):
            if config.dvcs == Git.dvcs or (config.dvcs is None and Git.url_match(config.repo)):
                return WholeHistory(config.repo, config.project)
            return get_repo(config)
    except UserError as error:
        raise InvalidInput(
            f"asv cannot use the repository '{config.repo}' that asv.conf.json names "
            f'({str(error).splitlines()[0]}): clone the project with git, or correct "repo"'
        ) from error


def resolve(config: Config, commit: str) -> str:
    """Return the full hash of a commit, or of what git calls by a name.

    Raises
    ------
    InvalidInput
        git knows no such commit.
    """
    repo = open_repo(config)
    try:
        with _asking_git(config):
            return str(repo.get_hash_from_name(commit))
    except NoSuchNameError as error:
        raise InvalidInput(
            f"git knows no commit '{commit}' in the repository '{config.repo}' of asv.conf.json"
        ) from error


def commits_between(config: Config, good: str, bad: str) -> list[str]:
    """Return the hashes from one commit to a later one along first parents, both among them.

    Raises
    ------
    InvalidInput
        The earlier one is no ancestor of the later one along first parents, or they are one.
    """
    repo = open_repo(config)
    first, last = resolve(config, good), resolve(config, bad)
    with _asking_git(config):
        listed = repo._run_git(["rev-list", "--first-parent", last, "--"], dots=False).split()
    if first == last or first not in listed:
        raise InvalidInput(
            f"'{good}' does not come before '{bad}' along the first parents of its history: name "
            "the older commit first"
        )
    return [*reversed(listed[: listed.index(first) + 1])]


def subject(config: Config, commit: str) -> str:
    """Return the first line of a commit's message."""
    repo = open_repo(config)
    with _asking_git(config):
        return str(repo._run_git(["log", "-1", "--format=%s", commit], dots=False)).strip()


def _known(repo: Repo, branch: str | None, config: Config) -> str | None:
    """Return a branch that is there; asv would end in a traceback of git's."""
    try:
        repo.get_hash_from_name(branch)
    except NoSuchNameError as error:
        name = repo.get_branch_name(branch)
        raise InvalidInput(
            f"the branch '{name}' of \"branches\" in asv.conf.json is not in the repository "
            f"'{config.repo}': 'git fetch origin {name}:{name}' brings it, or name another there"
        ) from error
    return branch


def _head(repo: Repo) -> str | None:
    """Return the commit that is checked out; None before the first one."""
    try:
        return str(repo.get_hash_from_name(HEAD))
    except NoSuchNameError:
        return None


@contextmanager
def _asking_git(config: Config) -> Iterator[None]:
    """Turn a git that is not here, or that fails, into a sentence; asv would log all it printed."""
    try:
        with log.set_level(logging.CRITICAL):
            yield
    except ProcessError as error:
        said = (error.stderr.strip() or str(error)).splitlines()[-1]
        raise Unavailable(
            f"git cannot read the repository '{config.repo}' of asv.conf.json: {said}"
        ) from error
    except OSError as error:  # asv looks for git on the path
        raise Unavailable(f"git is not installed ({error}): install it") from error
