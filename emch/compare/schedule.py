"""Which cell is launched next, and when a cell is settled."""

import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from emch.cache import replace_file
from emch.compare.conditions import Conditions
from emch.compare.launched import LaunchedCell
from emch.compare.pair import NAMES, Launch, launch_pair
from emch.compare.sides import Side
from emch.tracking.results import Cell


@dataclass(frozen=True)
class Plan:
    """What a comparison promises, and what it may cost.

    Attributes
    ----------
    threshold : float
        The change that does not matter, such as 0.03.
    budget_s : float
        Seconds for all launches.
    """

    threshold: float
    budget_s: float


def measure(
    sides: Sequence[Side], cells: Sequence[Cell], plan: Plan, state: Path, *, resume: bool
) -> Iterator[list[LaunchedCell]]:
    """Launch pairs until every cell is settled or the budget allows no more; yield after each.

    Each round gives one launch to every cell that can still use it, so the time that settled cells
    leave goes to the others. Launches are appended to `state` as they come in.
    """
    launched = [LaunchedCell(cell) for cell in cells]
    if resume and state.is_file():
        _restore(launched, state)
    else:
        state.parent.mkdir(parents=True, exist_ok=True)
        replace_file(state, "")
    drawn = random.randrange(2)  # noqa: S311 - an order, not a secret
    left = plan.budget_s - sum(each.seconds for each in launched)
    while chosen := _choose(launched, plan.threshold, left):
        for each in chosen:
            if left <= 0:
                break
            first = NAMES[(drawn + len(each.launches)) % 2]  # the sides take turns at being first
            before, start = Conditions.now(), time.perf_counter()
            launch = launch_pair(sides, each.cell, first)
            seconds, said = time.perf_counter() - start, Conditions.now().since(before)
            launch = replace(launch, seconds=seconds, conditions=said)
            each.launches.append(launch)
            left -= seconds
            with state.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"cell": each.cell.name, **asdict(launch)}) + "\n")
            yield launched
    yield launched


def _choose(launched: Sequence[LaunchedCell], threshold: float, left: float) -> list[LaunchedCell]:
    """Return the cells that are not settled and that can reach their next look in the time left.

    Where the time is too short for all, those that are nearest to their look come first, since
    launches after which no look follows are of no use.
    """
    chosen = []
    for each in sorted(launched, key=lambda each: each.next_look_s):
        if not each.settled(len(launched), threshold):
            left -= each.next_look_s
            if left < 0:
                break
            chosen.append(each)
    return chosen


def _restore(launched: Sequence[LaunchedCell], state: Path) -> None:
    by_name: Mapping[str, LaunchedCell] = {each.cell.name: each for each in launched}
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
            by_name[found.pop("cell")].launches.append(Launch(**found))
