"""A budget is kept, and no launch is made that cannot lead to a verdict."""

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emch.compare import schedule
from emch.compare.findings import find
from emch.compare.launched import LaunchedCell
from emch.compare.pair import Launch
from emch.compare.schedule import Plan, measure
from emch.compare.statistics import LOOKS
from emch.tracking.results import Cell
from tests.unit.launches import made_up

LAUNCH_TAKES_S = 5.0


@pytest.fixture(autouse=True)
def _made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every launch take its seconds by a made-up clock, with noise that no look settles."""
    clock = SimpleNamespace(now=0.0)
    rng = random.Random(0)  # noqa: S311 - made-up launches

    def launch(*_: Any) -> Launch:
        clock.now += LAUNCH_TAKES_S
        return made_up(rng.gauss(0, 1))

    quiet = SimpleNamespace(now=lambda: SimpleNamespace(since=lambda _: []))
    monkeypatch.setattr(schedule, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    monkeypatch.setattr(schedule, "Conditions", quiet)
    monkeypatch.setattr(schedule, "launch_pair", launch)


def run_for(budget_s: float, cells: int, folder: Path) -> list[LaunchedCell]:
    made = [Cell("a.B.time_c", (str(place),)) for place in range(cells)]
    plan = Plan(threshold=0.03, budget_s=budget_s)
    (*_, launched) = measure((), made, plan, folder / "state", resume=False)
    return launched


@pytest.mark.parametrize("budget_s", [90.0, 100.0, 139.0, 1000.0])
def test_one_cell_ends_at_the_last_look_that_the_budget_holds(
    budget_s: float, tmp_path: Path
) -> None:
    (each,) = run_for(budget_s, 1, tmp_path)
    assert len(each.launches) == max(n for n in LOOKS if n * LAUNCH_TAKES_S <= budget_s)


@pytest.mark.parametrize("budget_s", [150.0, 200.0, 333.0])
def test_budget_is_kept_by_several_cells(budget_s: float, tmp_path: Path) -> None:
    launched = run_for(budget_s, 5, tmp_path)
    assert sum(each.seconds for each in launched) <= budget_s
    assert max(len(each.launches) for each in launched) in LOOKS


def test_some_cells_get_a_verdict_where_the_budget_is_too_small_for_all(tmp_path: Path) -> None:
    launched = run_for(2.5 * LOOKS[0] * LAUNCH_TAKES_S, 5, tmp_path)
    looked_at = [each for each in launched if len(each.launches) >= LOOKS[0]]
    assert 1 <= len(looked_at) < 5
    notes = [found.note for found in find(launched, Plan(0.03, 1.0)) if found.what == "time"]
    assert sum("the budget ended before" in note for note in notes) == 5 - len(looked_at)
