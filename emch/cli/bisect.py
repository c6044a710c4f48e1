"""`emch bisect`: the first slow commit between a good one and a bad one."""

import math
import re
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import click
from asv.config import Config

from emch.cli.console import log, out, progress, say_quota
from emch.cli.parameters import parse_regex
from emch.compare.bisection import Search, Step, read_steps, write_steps
from emch.compare.launches import list_cells
from emch.compare.pair import NAMES, launch_pair
from emch.compare.sides import Side, make_side, state_file
from emch.compare.statistics import LOOKS, Interval, judge_launches
from emch.errors import EmchError, InvalidInput, Unavailable
from emch.tracking.commits import commits_between, subject
from emch.tracking.results import Cell
from emch.tracking.stacks import default_stack, find_stacks, load_config

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
@click.option("--resume", is_flag=True, help="Go on where the same search was interrupted.")
def command(good: str, bad: str, bench: re.Pattern[str], stack: str | None, resume: bool) -> None:
    """Find the first commit after GOOD that is as slow as BAD, along first parents.

    BAD is compared with GOOD first, in pairs of fresh processes that are called in turn; then, in
    the same way, the commit in the middle of what is left. The wrong commit is named in 5 % of
    searches at most. A commit that cannot be measured is skipped, as git does it.
    """
    config = load_config()
    commits = commits_between(config, good, bad)
    label = (find_stacks(config, (stack,))[0] if stack else default_stack(config)).label
    sides = [make_side(config, label, commit) for commit in (commits[0], commits[-1])]
    cell = _one_cell(sides, bench)
    state = _state(config, label, commits, cell)
    say_quota()
    log(f"{len(commits) - 1} commits after {commits[0][:8]}; {cell.name}")
    try:
        with progress.status("comparing both ends ..."):
            ends = _compare_ends(sides, cell, good, bad)
        log(f"{commits[-1][:8]} takes {_show(ends)} of the time of {commits[0][:8]}")
        kept = read_steps(state) if resume else []
        search = Search(commits, math.log(ends.ratio) / 2, kept)
        ask = _asker(config, label, sides[0], cell, commits)
        with progress.status("bisecting ..."):
            for step in search.run(ask):
                write_steps(state, search.steps)
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
            f"'{bench.pattern}' is like {len(cells)} timings that both ends have{names}: name one"
        )
    return cells[0]


def _compare_ends(sides: Sequence[Side], cell: Cell, good: str, bad: str) -> Interval:
    """Return how much slower the bad end is.

    Raises
    ------
    InvalidInput
        It is not slower, or the noise hides whether it is.
    Unavailable
        One of them cannot be measured.
    """
    logs: list[float] = []
    for look in LOOKS:
        while len(logs) < look:
            found = _launch(sides, cell, len(logs))
            if isinstance(found, str):
                raise Unavailable(f"the ends cannot be compared: {found}")
            logs.append(found)
        verdict, ends = judge_launches(logs, 1, THRESHOLD)
        if verdict != "unclear":
            break
    if verdict != "worse":
        raise InvalidInput(
            f"'{bad}' is not slower than '{good}' ({_show(ends)} of its time): there is no "
            "first slow commit between them"
        )
    return ends


def _launch(sides: Sequence[Side], cell: Cell, turn: int) -> float | str:
    """Return the logarithm of the ratio of a launch, or why there is none; sides begin in turn."""
    launch = launch_pair(sides, cell, NAMES[turn % 2])
    said = launch.skipped or "; ".join((launch.failed or {}).values())
    return said or launch.log_ratio("time")


def _asker(
    config: Config, label: str, good: Side, cell: Cell, commits: Sequence[str]
) -> Callable[[int], float | str]:
    """Return what launches a commit beside the good one."""
    turns = count()

    def ask(place: int) -> float | str:
        try:
            side = make_side(config, label, commits[place])
        except EmchError as error:
            return str(error)
        return _launch([good, side], cell, next(turns))

    return ask


def _state(config: Config, label: str, commits: Sequence[str], cell: Cell) -> Path:
    """Return the file that keeps the steps of this search for --resume."""
    return state_file(config, [label, commits[0], commits[-1], cell.name], "bisect-")


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
