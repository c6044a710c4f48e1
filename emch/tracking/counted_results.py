"""asv's results of the commits that count: whatever reads results over commits reads them here."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asv.benchmarks import Benchmarks
from asv.config import Config
from asv.results import Results

from emch.errors import EmchError, InvalidInput, Unavailable
from emch.tracking.commits import Commits, counted_commits
from emch.tracking.files import reading
from emch.tracking.reader import load_all_results, load_benchmarks
from emch.tracking.results import BROKEN, Figure, figures_of

NAMED = 3
"""How many of the commits that are left out a message names."""


@dataclass(frozen=True)
class CountedResults:
    """The results of the commits that count, and which ones are left out.

    Attributes
    ----------
    results : list of (Path, Results)
        Each with its file, the oldest commit first.
    benchmarks : Benchmarks
        What asv knows of the benchmarks, by name.
    left_out : list of Results
        Those of commits that do not count.
    note : str
        Which commits are left out, and why; empty if none is.
    """

    results: list[tuple[Path, Results]]
    benchmarks: Benchmarks
    left_out: list[Results]
    note: str

    def figures(self, suite: str = "") -> Iterator[Figure]:
        """Yield every figure, or those of one class of benchmarks, the oldest commit first.

        Raises
        ------
        InvalidInput
            A file of results is broken.
        """
        for path, results in self.results:
            with reading(path, BROKEN):
                found = list(figures_of(results, self.benchmarks, suite))
            yield from found

    @property
    def machines(self) -> set[str]:
        """The machines that have results of commits that count."""
        return {results.params["machine"] for _, results in self.results}

    def none_of(self, machine: str, folder: str) -> EmchError:
        """Return the error that says why there are no results of a machine."""
        if any(results.params["machine"] == machine for results in self.left_out):
            return Unavailable(
                f"all results of the machine '{machine}' are left out: measure with 'emch track'"
            )
        return InvalidInput(f"no results of the machine '{machine}' in {folder}")


def read_counted(config: Config) -> CountedResults:
    """Read the results of the commits that count.

    Raises
    ------
    Unavailable
        There are none, or git cannot say which commits count.
    InvalidInput
        A file of asv is broken, or the repository or a branch of asv.conf.json is not there.
    """
    benchmarks = load_benchmarks(config)
    every = list(load_all_results(config))
    if not every:
        raise Unavailable(f"no results in {config.results_dir}: run 'emch track'")
    commits = counted_commits(config)
    places = commits.places
    counted = [each for each in every if each[1].commit_hash in places]
    left_out = [results for _, results in every if results.commit_hash not in places]
    note = _note(left_out, commits, config) if left_out else ""
    if not counted:
        remedy = "" if commits.shallow else "; measure with 'emch track'"
        raise Unavailable(f"no results to show in {config.results_dir}, {note}{remedy}")
    counted.sort(key=lambda each: places[each[1].commit_hash])
    return CountedResults(counted, benchmarks, left_out, note)


def _note(left_out: list[Results], commits: Commits, config: Config) -> str:
    """Say in one line what is left out: the newest few by hash, and why."""
    newest = sorted(left_out, key=lambda results: -results.date)
    hashes = list(dict.fromkeys(results.commit_hash for results in newest))
    named = ", ".join(commit[:8] for commit in hashes[:NAMED])
    named += ", ..." if len(hashes) > NAMED else ""
    branches = ", ".join(str(branch) for branch in config.branches if branch) or "the default"
    count = "1 commit" if len(hashes) == 1 else f"{len(hashes)} commits"
    why = f"git reaches neither from the branches of asv.conf.json ({branches}), nor HEAD or a tag"
    shallow = "; the clone is shallow, and 'git fetch --unshallow' brings the rest of them"
    return f"left out: results of {count} ({named}) that {why}{shallow if commits.shallow else ''}"
