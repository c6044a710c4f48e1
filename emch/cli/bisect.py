"""`emch bisect`: the first slow commit between a good one and a bad one."""

import itertools
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from asv.config import Config

from emch.cli.compare_sides import side_maker
from emch.cli.console import log, out, progress, say_quota
from emch.cli.parameters import parse_regex
from emch.compare.bisection import Ask, Search, Step, keep, read_kept
from emch.compare.launch import NAMES
from emch.compare.observed import alike
from emch.compare.pair import launch_pair
from emch.compare.sides import Side, state_file
from emch.compare.statistics import LOOKS, Interval, judge_launches
from emch.compare.workers import list_cells
from emch.errors import EmchError, InvalidInput, Unavailable
from emch.tracking.commits import commits_between, subject
from emch.tracking.results import Cell
from emch.tracking.stacks import load_config

THRESHOLD = 0.03
"""Ends that differ by less have no slow commit between them that could be found."""


@click.command()
@click.argument("good")
@click.argument("bad")
@click.option(
    "--bench", required=True, metavar="REGEX", callback=parse_regex,
    help="Of the name of one cell.",
)  # fmt: skip
@click.option("--stack", help="The stack of all commits.  [default: current, or the first]")
@click.option(
    "--asv", is_flag=True,
    help="Of any asv project: install each commit as asv does; --stack is asv's name of an "
    "environment.",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on where the same search was interrupted.")
def command(
    good: str, bad: str, bench: re.Pattern[str], stack: str | None, asv: bool, resume: bool
) -> None:
    """Find the first commit after GOOD that is as slow as BAD, along first parents.

    BAD is compared with GOOD first, in pairs of fresh processes that are called in turn; then, in
    the same way, the commit in the middle of what is left. The wrong commit is named in 5 % of
    searches at most. A commit that cannot be measured is skipped, as git does it.
    """
    config = load_config()
    commits = commits_between(config, good, bad)
    make = side_maker(config, stack, asv=asv)
    sides = [make(*each) for each in zip(NAMES, (commits[0], commits[-1]), strict=True)]
    cell = _one_cell(sides, bench)
    state = state_file(config, [sides[0].label, commits[-1], cell.name], "bisection-")
    say_quota()
    log(f"{len(commits) - 1} commits after {commits[0][:8]}; {cell.name}")
    try:
        with TemporaryDirectory(prefix="emch-") as kept:
            launch = _launcher(cell, Path(kept))
            logs, steps = read_kept(state) if resume else ([], [])
            with progress.status("comparing both ends ..."):
                ends = _compare_ends(sides, launch, good, bad, logs)
            keep(state, logs, steps)
            log(f"{commits[-1][:8]} takes {_show(ends)} of the time of {commits[0][:8]}")
            search = Search(commits, math.log(ends.ratio) / 2, steps, [logs])
            ask = _asker(make, sides[0], commits, launch)
            with progress.status("bisecting ..."):
                for step in search.run(ask):
                    keep(state, logs, search.steps)
                    log(_tell(step, search))
    except KeyboardInterrupt:
        log(f"interrupted; the steps are in {state}, and --resume goes on")
        raise
    _conclude(config, search, ends)


def _one_cell(sides: Sequence[Side], bench: re.Pattern[str]) -> Cell:
    known = list_cells(sides[0])
    cells = [cell for cell in list_cells(sides[1]) if cell in known and bench.search(cell.name)]
    if len(cells) != 1:
        names = ": " + ", ".join(cell.name for cell in cells[:3]) if cells else ""
        raise InvalidInput(
            f"'{bench.pattern}' is like {len(cells)} benchmarks that both ends have{names}: "
            "name one"
        )
    return cells[0]


Launcher = Callable[[Sequence[Side]], float | str]
"""Launches two sides; returns the logarithm of the ratio, or why there is none."""


def _launcher(cell: Cell, kept: Path) -> Launcher:
    """Return what launches two sides, which begin in turn."""
    turns = itertools.cycle(NAMES)

    def launch(sides: Sequence[Side]) -> float | str:
        found = launch_pair(sides, cell, next(turns), kept)
        said = found.skipped or "; ".join((found.failed or {}).values())
        return said or found.log_ratio(found.quantities[0])

    return launch


def _compare_ends(
    sides: Sequence[Side], launch: Launcher, good: str, bad: str, logs: list[float]
) -> Interval:
    """Add launches of both ends to `logs` until there is a verdict; return how much slower B is.

    Raises
    ------
    InvalidInput
        It is not slower, or the noise hides whether it is.
    Unavailable
        One of them cannot be measured.
    """
    for look in LOOKS:
        while len(logs) < look:
            found = launch(sides)
            if isinstance(found, str):
                raise Unavailable(f"the ends cannot be compared: {found}")
            logs.append(found)
        verdict, ends = judge_launches(alike(logs), alike(logs).spread, 1, THRESHOLD)
        if verdict != "unclear":
            break
    if verdict != "worse":
        raise InvalidInput(
            f"'{bad}' is not slower than '{good}' ({_show(ends)} of its time): there is no "
            "first slow commit between them"
        )
    return ends


def _asker(
    make: Callable[[str, str], Side], good: Side, commits: Sequence[str], launch: Launcher
) -> Ask:
    """Return what launches a commit beside the good one."""

    def ask(place: int) -> float | str:
        try:
            side = make("B", commits[place])
        except EmchError as error:
            return str(error)
        return launch([good, side])

    return ask


def _show(found: Interval | Step) -> str:
    return f"{found.ratio:.3f} ({found.low:.3f} to {found.high:.3f})"


def _tell(step: Step, search: Search) -> str:
    found = _show(step) if step.ratio else ""
    words = ", ".join(filter(None, [step.word, found, step.note]))
    return f"{step.commit[:8]}: {words}; {len(search.left)} left"


def _conclude(config: Config, search: Search, ends: Interval) -> None:
    left = search.left
    if len(left) > 1:
        names = ", ".join(commit[:8] for commit in left)
        raise Unavailable(
            f"the first slow commit is one of {names}: those but the last were skipped"
        )
    (first,) = left
    out.print(f"{first} is the first slow commit: {subject(config, first)}")
    out.print(f"The last commit takes {_show(ends)} of the time of the first.")
