"""Which cell is launched next, and when a cell is settled."""

import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from emch.compare.conditions import Conditions
from emch.compare.measured import Measured
from emch.compare.pair import Launch, launch_pair
from emch.compare.processes import Cell
from emch.compare.sides import Side

LAUNCH_S = 2.0
"""Seconds of measuring in a launch; loading comes on top."""

BLOCK_S = 0.03
"""Of a turn, in seconds: the speed of a shared machine drifts within a tenth of a second."""


@dataclass(frozen=True)
class Plan:
    """What is promised and what it may cost.

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
) -> Iterator[list[Measured]]:
    """Launch pairs until every cell is settled or the budget has ended; yield after each.

    Each round gives a launch to every cell that is not settled yet, so what settled cells leave
    goes to the others. Launches are appended to `state` as they come in.
    """
    measured = [Measured(cell) for cell in cells]
    if resume and state.is_file():
        _restore(measured, state)
    else:
        state.parent.mkdir(parents=True, exist_ok=True)
        state.write_text("")
    rng = random.Random(len(state.read_text()))  # noqa: S311 - an order, not a secret
    while True:
        left = [each for each in measured if not each.settled(len(cells), plan.threshold)]
        if not left or _spent(measured) >= plan.budget_s:
            yield measured
            return
        for each in left:
            if _spent(measured) >= plan.budget_s:
                break
            before, start = Conditions.now(), time.perf_counter()
            launch = launch_pair(sides, each.cell, rng, LAUNCH_S, BLOCK_S)
            seconds, said = time.perf_counter() - start, Conditions.now().since(before)
            launch = replace(launch, seconds=seconds, conditions=said)
            each.launches.append(launch)
            with state.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"cell": each.cell.name, **asdict(launch)}) + "\n")
            yield measured


def _spent(measured: Sequence[Measured]) -> float:
    return sum(each.seconds for each in measured)


def _restore(measured: Sequence[Measured], state: Path) -> None:
    by_name: Mapping[str, Measured] = {each.cell.name: each for each in measured}
    text = state.read_text(encoding="utf-8")
    if text and not text.endswith("\n"):
        # It was killed while it wrote: what follows has a line of its own.
        state.write_text(text + "\n", encoding="utf-8")
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if found["cell"] in by_name:
            by_name[found.pop("cell")].launches.append(Launch(**found))
