"""How often a comparison is wrong, and what it settles, by launches that were recorded.

    python -m evaluation.replay [--runs N] [--budget SECONDS] [--beside burner] [--changed PERCENT]

A run draws launches of `evaluation.recorded`, with the sides exchanged by lot, since they had
identical code, and with a change that is added to the ratios of half of the cells where one is
asked for. Everything else is the code of `emch compare`, but for what a rule says: each rule takes
one thing from it, or puts another in its place.
"""

import argparse
import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from statistics import median, stdev
from typing import Any
from unittest.mock import patch

from emch.compare import launched, schedule, statistics
from emch.compare.launch import Launch
from emch.compare.launched import LaunchedCell, Run
from emch.compare.observed import Observed, Spread, alike, weighted
from emch.report.markdown import markdown_table
from emch.tracking.results import Cell
from evaluation.recorded import read, shortened

THRESHOLD = 0.03
FEWER = (3, 5, 7, 10, 14, 20, 28)
Recorded = Mapping[str, Sequence[Launch]]
Moderate = Callable[[Observed, Spread | None], Spread]


@dataclass(frozen=True)
class Rule:
    """A way to judge and to spend.

    Attributes
    ----------
    name : str
        What it is, in the table.
    instead : mapping of str to object
        What stands in place of what, by its full name.
    """

    name: str
    instead: Mapping[str, Any] = field(default_factory=dict)


def alone(observed: Observed, _: Spread | None) -> Spread:
    """Return the spread of a cell by itself."""
    return observed.spread


def all_cells(run: Run, *_: object) -> int:
    """Divide by all cells, also by those that have changed (Bonferroni)."""
    return len(run.cells)


def in_rounds(run: Run, left_s: float) -> LaunchedCell | None:
    """Give a launch to each unsettled cell in turn, as long as there is time for its next look."""
    able = []
    for each in sorted(run.cells, key=lambda each: each.next_look_s):
        if not each.settled:
            left_s -= each.next_look_s
            if left_s < 0:
                break
            able.append(each)
    return min(able, key=lambda each: len(each.launches), default=None)


def _median(launch: Launch) -> float:
    """Return the median of a launch's quadruples."""
    return float(median(launch._ratios))


def known(sd: float) -> Moderate:
    """Return what takes a spread for granted."""
    return lambda *_: Spread(sd, 1e6)


def by_history(sd: float) -> Moderate:
    """Return what moderates by an earlier calibration of the machine."""

    def moderated(observed: Observed, _: Spread | None) -> Spread:
        own = observed.spread
        freedom = own.freedom + 12
        return Spread(math.sqrt((own.freedom * own.sd**2 + 12 * sd**2) / freedom), freedom)

    return moderated


def lasting(seconds: float) -> dict[str, Any]:
    """Return what gives all launches one length."""
    return {"emch.compare.launched.LaunchedCell.measuring_s": seconds}


def looks(found: tuple[int, ...]) -> dict[str, Any]:
    """Return what looks after other numbers of launches."""
    return {f"{module.__name__}.LOOKS": found for module in (launched, schedule, statistics)}


WEIGHTED = "emch.compare.launched.weighted"
CENTER = "emch.compare.launch.Launch._center"
SPREAD = "emch.compare.launched.moderated_spread"
COUNT = "emch.compare.launched.Run._count_equal"
CHOOSE = "emch.compare.schedule.choose"
SAME = "emch.compare.statistics.SAME_AT_LOOK"


def rules(calm: Recorded, recorded: Recorded) -> list[Rule]:
    """Return the rules; what was recorded in calm is the machine's history."""
    divided = statistics.FALSE_SAME / len(statistics.LOOKS)
    equal = {**lasting(2.0), WEIGHTED: lambda logs, _: alike(logs)}
    before = {**equal, SPREAD: alone, COUNT: all_cells, SAME: divided, CHOOSE: in_rounds}
    history, truth = (
        median(stdev(each.log_ratio("time") for each in cell) for cell in found.values())
        for found in (calm, recorded)
    )
    return [
        Rule("before", {**before, CENTER: property(_median)}),
        Rule("Hodges and Lehmann's center", before),
        Rule("... and weights", {**before, WEIGHTED: weighted}),
        Rule(
            "... and a moderated spread",
            {**lasting(2.0), COUNT: all_cells, SAME: divided, CHOOSE: in_rounds},
        ),
        Rule("... and Holm", {**lasting(2.0), SAME: divided, CHOOSE: in_rounds}),
        Rule("... and one bound for all looks", {**lasting(2.0), CHOOSE: in_rounds}),
        Rule("... and the cheapest cell first", lasting(2.0)),
        Rule("... and longer launches in noise: kept"),
        Rule("kept, looks from 3 launches on", looks(FEWER)),
        Rule("kept, spread by a calm calibration", {SPREAD: by_history(history)}),
        Rule("kept, all launches of 1 s", lasting(1.0)),
        Rule("kept, all launches of 4 s", lasting(4.0)),
        Rule("a spread taken for granted", {SPREAD: known(truth)}),
    ]


def replay(
    rule: Rule, recorded: Recorded, change: float, budget_s: float, runs: int
) -> Counter[str]:
    """Replay runs by a rule, and count cells and runs."""
    rng, counts = random.Random(1), Counter[str]()  # noqa: S311 - no secret
    with ExitStack() as stack:
        for name, other in rule.instead.items():
            stack.enter_context(patch(name, other))
        for _ in range(runs):
            _count(_run(recorded, change, budget_s, rng), counts, has_changes=change > 0)
    return counts


def _run(recorded: Recorded, change: float, budget_s: float, rng: random.Random) -> Run:
    """Make one run; every second cell has changed."""
    run = Run([LaunchedCell(Cell(name, ()), THRESHOLD) for name in recorded])
    changed = {each.cell.name: change * (place % 2) for place, each in enumerate(run.cells)}
    while (each := schedule.choose(run, budget_s)) is not None:
        name = each.cell.name
        launch = shortened(rng.choice(recorded[name]), each.measuring_s)
        launch = _exchanged(launch, changed[name], rng.random() < 0.5)
        run.add(each, launch)
        budget_s -= launch.seconds
    return run


def _exchanged(launch: Launch, change: float, exchange: bool) -> Launch:
    """Return a launch whose B is slower by a change, after the sides were exchanged or not."""
    turns = [(c, d, a, b) if exchange else (a, b, c, d) for a, b, c, d in launch.quadruples]
    turns = [(a, b, c * (1 + change), d * (1 + change)) for a, b, c, d in turns]
    step = -1 if exchange else 1
    pairs = {name: getattr(launch, name)[::step] for name in ("load_s", "peak_rss_bytes")}
    return replace(launch, quadruples=turns, **pairs)


def _count(run: Run, counts: Counter[str], *, has_changes: bool) -> None:
    alarms = 0
    counts["runs"] += 1
    for place, each in enumerate(run.cells):
        changed = has_changes and bool(place % 2)
        judged = each.judged.get("time")
        word = judged.verdict if judged else "unclear"
        counts[f"{word}, changed" if changed else f"{word}, equal"] += 1
        alarms += word in ("worse", "better") and not changed
        counts["seconds"] += round(each.seconds)
    counts["runs with a false alarm"] += alarms > 0


def main() -> None:
    """Replay, and print a row for each rule."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--budget", type=float, default=240.0)
    parser.add_argument("--beside", choices=["nothing", "burner"], default="nothing")
    parser.add_argument("--changed", type=float, default=0.0, help="percent")
    chosen = parser.parse_args()
    recorded = read(chosen.beside)
    rows = []
    for rule in rules(read("nothing"), recorded):
        found = replay(rule, recorded, chosen.changed / 100, chosen.budget, chosen.runs)
        rows.append([rule.name, *_figures(found, len(recorded), chosen.changed > 0)])
    headings = (
        "rule",
        "runs",
        "settled of a run",
        "false alarms",
        "found",
        "false same",
        "s a run",
    )
    print(markdown_table(headings, rows), end="")


def _figures(found: Counter[str], cells: int, has_changes: bool) -> list[str]:
    runs = found["runs"]
    unclear = found["unclear, equal"] + found["unclear, changed"]
    changed = runs * (cells // 2)
    alarms = found["runs with a false alarm"]
    return [
        str(runs),
        f"{cells - unclear / runs:.1f} of {cells}",
        f"{alarms} ({alarms / runs:.1%} of runs)",
        f"{found['worse, changed'] / changed:.0%}" if has_changes else "",
        f"{found['same, changed'] / changed:.1%}" if has_changes else "",
        f"{found['seconds'] / runs:.0f}",
    ]


if __name__ == "__main__":
    main()
