"""The promise on false verdicts is kept however often one looks, and real changes are found."""

import math
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.compare import schedule
from emch.compare.findings import find
from emch.compare.launch import Launch
from emch.compare.observed import Spread, alike
from emch.compare.schedule import Plan, measure
from emch.compare.statistics import (
    ALARM_AT_LOOK,
    LOOKS,
    interval,
    launches_needed,
    smallest_effect,
)
from emch.tracking.results import Cell
from tests.unit.launches import made_up

NOISE = 0.01
"""Standard deviation between launches."""

ROUNDS = 400
PLAN = Plan(threshold=0.03, budget_s=math.inf)

Verdicts = Callable[..., list[str]]


class Quiet:
    def since(self, _: object) -> list[str]:
        return []


@pytest.fixture
def verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verdicts:
    """Return what gives the verdicts on the times of cells whose launches are made up."""
    monkeypatch.setattr(schedule.Conditions, "now", Quiet)

    def compare(ratio: float, noise: float, cells: int, seed: int = 1) -> list[str]:
        made = [Cell("a.B.time_c", (str(place),)) for place in range(cells)]
        # The clock decides whose turn it is, so each cell has a sequence of its own.
        drawn = {cell: random.Random(f"{seed} {cell.name}") for cell in made}  # noqa: S311 - no secret

        def launch(_: object, cell: Cell, *__: object) -> Launch:
            return made_up(math.log(ratio) + drawn[cell].gauss(0, noise))

        monkeypatch.setattr(schedule, "launch_pair", launch)
        (*_, run) = measure((), made, PLAN, tmp_path / "state", resume=False)
        return [found.verdict for found in find(run) if found.what == "time"]

    return compare


def test_identical_sides_get_hardly_any_false_verdict(verdicts: Verdicts) -> None:
    found = [verdict for seed in range(ROUNDS) for verdict in verdicts(1.0, 3 * NOISE, 1, seed)]
    assert sum(verdict in ("slower", "faster") for verdict in found) <= 0.01 * ROUNDS


def test_more_cells_get_no_more_false_verdicts_together(verdicts: Verdicts) -> None:
    found = verdicts(1.0, 3 * NOISE, ROUNDS // 5)
    assert sum(verdict in ("slower", "faster") for verdict in found) == 0


def test_change_beyond_the_threshold_is_hardly_ever_called_the_same(verdicts: Verdicts) -> None:
    found = [verdict for seed in range(ROUNDS) for verdict in verdicts(1.031, NOISE, 1, seed)]
    assert found.count("same") <= 0.05 * ROUNDS


@pytest.mark.parametrize(
    ("ratio", "word"), [(1.05, "slower"), (1.1, "slower"), (0.95, "faster"), (1.0, "same")]
)
def test_real_change_is_found(verdicts: Verdicts, ratio: float, word: str) -> None:
    found = verdicts(ratio, NOISE, 10)
    assert found == [word] * 10


def test_too_much_noise_is_unclear(verdicts: Verdicts) -> None:
    assert set(verdicts(1.0, 0.5, 10)) == {"unclear"}


def test_interval_is_that_of_scipy() -> None:
    from scipy.stats import ttest_1samp

    logs = [-0.1, 0.0, 0.1, 0.25]
    expected = ttest_1samp(logs, 0).confidence_interval(1 - 0.01 / len(LOOKS) / 3)
    found = interval(alike(logs), alike(logs).spread, ALARM_AT_LOOK / 3)
    assert math.log(found.low) == pytest.approx(expected.low)
    assert math.log(found.high) == pytest.approx(expected.high)


def test_launches_needed_are_enough() -> None:
    logs = [0.04, 0.06, 0.05, 0.02]
    spread = alike(logs).spread
    needed = launches_needed(alike(logs), spread, cell_count=1, threshold=0.03)
    assert needed is not None
    assert needed > len(logs)
    known = Spread(spread.sd, needed - 1)
    assert smallest_effect(known, needed, 1) < math.expm1(sum(logs) / 4) or needed == 5
