"""A budget is kept, and no launch is made that cannot lead to a verdict."""

import random
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emch.compare import schedule
from emch.compare.findings import find
from emch.compare.launch import Launch
from emch.compare.launched import LaunchedCell, Run
from emch.compare.schedule import Plan, choose, measure
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


def run_for(budget_s: float, cells: int, folder: Path) -> Run:
    made = [Cell("a.B.time_c", (str(place),)) for place in range(cells)]
    plan = Plan(threshold=0.03, budget_s=budget_s)
    (*_, run) = measure((), made, plan, folder / "state", resume=False)
    return run


@pytest.mark.parametrize("budget_s", [90.0, 100.0, 139.0, 1000.0])
def test_one_cell_ends_at_the_last_look_that_the_budget_holds(
    budget_s: float, tmp_path: Path
) -> None:
    (each,) = run_for(budget_s, 1, tmp_path).cells
    assert len(each.launches) == max(n for n in LOOKS if n * LAUNCH_TAKES_S <= budget_s)


@pytest.mark.parametrize("budget_s", [150.0, 200.0, 333.0])
def test_budget_is_kept_by_several_cells(budget_s: float, tmp_path: Path) -> None:
    launched = run_for(budget_s, 5, tmp_path).cells
    assert sum(each.seconds for each in launched) <= budget_s
    assert max(len(each.launches) for each in launched) in LOOKS


def test_some_cells_get_a_verdict_where_the_budget_is_too_small_for_all(tmp_path: Path) -> None:
    run = run_for(2.5 * LOOKS[0] * LAUNCH_TAKES_S, 5, tmp_path)
    looked_at = [each for each in run.cells if len(each.launches) >= LOOKS[0]]
    assert 1 <= len(looked_at) < 5
    notes = [found.note for found in find(run) if found.what == "time"]
    assert sum("the budget ended before" in note for note in notes) == 5 - len(looked_at)


def launches_by_place(costs: list[float], noise: list[float], budget_s: float) -> list[int]:
    """Return how many launches cells of these costs and noises get."""
    cells = [Cell("a.B.time_c", (str(place),)) for place in range(len(costs))]
    run, rng = Run([LaunchedCell(cell, 0.03) for cell in cells]), random.Random(3)  # noqa: S311 - no secret
    while (each := choose(run, budget_s)) is not None:
        place = run.cells.index(each)
        run.add(each, replace(made_up(rng.gauss(0, noise[place])), seconds=costs[place]))
        budget_s -= costs[place]
    return [len(each.launches) for each in run.cells]


def test_costly_cell_waits_until_the_others_are_settled() -> None:
    assert launches_by_place([1, 1, 1, 20], [0.001] * 4, 60.0) == [LOOKS[0]] * 3 + [1]
    assert launches_by_place([1, 1, 1, 20], [0.001] * 4, 130.0) == [LOOKS[0]] * 4


def test_cell_that_no_look_will_settle_has_what_is_left() -> None:
    found = launches_by_place([1, 1, 1, 1], [0.001, 0.02, 0.02, 5.0], 60.0)
    assert found[0] == LOOKS[0]
    assert max(found[1:3]) > LOOKS[0]
    alone = launches_by_place([1], [5.0], 60.0)
    assert alone == [LOOKS[-1]]
