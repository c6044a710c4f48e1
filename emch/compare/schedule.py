"""Which cell is launched next, and when a cell is settled."""

import json
import random
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from emch.cache import replace_file
from emch.compare.conditions import Conditions
from emch.compare.launch import NAMES, Launch
from emch.compare.launched import LaunchedCell, Run
from emch.compare.pair import launch_pair
from emch.compare.sides import Side
from emch.compare.statistics import LOOKS
from emch.tracking.results import Cell


@dataclass(frozen=True)
class Plan:
    """What a comparison promises, and what it may cost.

    Attributes
    ----------
    threshold : float
        The change that does not matter, such as 0.03, where `watched` says nothing else.
    budget_s : float
        Seconds for all launches.
    watched : mapping of str to float
        The changes that do not matter in the cells whose names are like a regular expression.
    """

    threshold: float
    budget_s: float
    watched: Mapping[str, float] = field(default_factory=dict)

    def threshold_of(self, cell: Cell) -> float:
        """Return the change that does not matter in a cell; the last pattern that fits counts."""
        found = [each for like, each in self.watched.items() if re.search(like, cell.name)]
        return found[-1] if found else self.threshold


def measure(
    sides: Sequence[Side], cells: Sequence[Cell], plan: Plan, state: Path, *, resume: bool
) -> Iterator[Run]:
    """Launch pairs until every cell is settled or the budget allows no more; yield after each.

    Launches are appended to `state` as they come in.
    """
    run = Run([LaunchedCell(cell, plan.threshold_of(cell)) for cell in cells])
    if resume and state.is_file():
        _restore(run, state)
    else:
        state.parent.mkdir(parents=True, exist_ok=True)
        replace_file(state, "")
    drawn = random.randrange(2)  # noqa: S311 - an order, not a secret
    left = plan.budget_s - sum(each.seconds for each in run.cells)
    with tempfile.TemporaryDirectory(prefix="emch-") as kept:
        while (each := choose(run, left)) is not None:
            first = NAMES[(drawn + len(each.launches)) % 2]  # the sides take turns at being first
            before, start = Conditions.now(), time.perf_counter()
            launch = launch_pair(sides, each.cell, first, Path(kept), each.measuring_s)
            seconds, said = time.perf_counter() - start, Conditions.now().since(before)
            launch = replace(launch, seconds=seconds, conditions=said)
            left -= seconds
            with state.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"cell": each.cell.name, **asdict(launch)}) + "\n")
            run.add(each, launch)
            yield run
    yield run


def choose(run: Run, left_s: float) -> LaunchedCell | None:
    """Return the cell to launch next; None where the seconds that are left bring none to a look.

    Cells whose first look takes no more than their share of the time get there in turn, and help to
    judge each other. Then cells are finished one after the other: the one that needs the fewest
    seconds to be settled, by its mean and its spread so far, comes first. Those which no look will
    settle have what is left at the end.
    """
    able = [each for each in run.cells if not each.settled and each.next_look_s <= left_s]
    share = left_s / max(1, sum(not each.settled for each in run.cells))
    begun = [each for each in able if len(each.launches) < LOOKS[0] and each.next_look_s <= share]
    if begun:
        return min(begun, key=lambda each: len(each.launches))
    for each in able:
        if len(each.launches) > LOOKS[0] and len(each.launches) not in LOOKS:
            return each  # it is on its way to a look
    return min(able, key=lambda each: (more_seconds(run, each), each.next_look_s), default=None)


def more_seconds(run: Run, each: LaunchedCell) -> float:
    """Return the seconds that a cell still needs to be settled; infinite if no look will do it."""
    return run.more_seconds(each, each.launched_for)


def _restore(run: Run, state: Path) -> None:
    by_name = {each.cell.name: each for each in run.cells}
    text = state.read_text(encoding="utf-8")
    if text and not text.endswith("\n"):
        # It was killed while it wrote: what follows has a line of its own.
        replace_file(state, text + "\n")
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if found["cell"] in by_name:
            run.add(by_name[found.pop("cell")], Launch(**found))
