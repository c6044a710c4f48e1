"""The promise on false verdicts is kept however often one looks, and real changes are found."""

import math
import random
from pathlib import Path
from typing import Any

import pytest

from emch.compare import run
from emch.compare.findings import find
from emch.compare.pair import Launch
from emch.compare.processes import Cell
from emch.compare.run import Plan, measure
from emch.compare.statistics import LOOKS, interval, launches_needed, smallest_effect

NOISE = 0.01
"""Standard deviation between launches."""

ROUNDS = 400
PLAN = Plan(threshold=0.03, budget_s=math.inf)


def verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ratio: float, noise: float, cells: int
) -> list[str]:
    """Return the verdicts on the times of many cells whose launches are made up."""
    rng = random.Random(1)  # noqa: S311 - made-up launches

    def launch(*_: Any) -> Launch:
        log = math.log(ratio) + rng.gauss(0, noise)
        pair = (1.0, math.exp(log))
        return Launch(
            log_ratios=[log], call_s=pair, load_s=(1, 1), peak_rss_bytes=(1, 1), answers=({}, {})
        )

    monkeypatch.setattr(run, "launch_pair", launch)
    monkeypatch.setattr(run.Conditions, "now", Quiet)
    made = [Cell("a.B.time_c", place, (str(place),)) for place in range(cells)]
    (*_, measured) = measure((), made, PLAN, tmp_path / "state", resume=False)
    return [found.verdict for found in find(measured, PLAN) if found.what == "time"]


class Quiet:
    def since(self, _: object) -> list[str]:
        return []


def test_identical_sides_get_hardly_any_false_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        verdict
        for _ in range(ROUNDS)
        for verdict in verdicts(tmp_path, monkeypatch, 1.0, 3 * NOISE, 1)
    ]
    assert sum(verdict in ("slower", "faster") for verdict in found) <= 0.01 * ROUNDS


def test_more_cells_get_no_more_false_verdicts_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = verdicts(tmp_path, monkeypatch, 1.0, 3 * NOISE, ROUNDS)
    assert sum(verdict in ("slower", "faster") for verdict in found) == 0


@pytest.mark.parametrize(
    ("ratio", "word"), [(1.05, "slower"), (1.1, "slower"), (0.95, "faster"), (1.0, "same")]
)
def test_real_change_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ratio: float, word: str
) -> None:
    found = verdicts(tmp_path, monkeypatch, ratio, NOISE, 10)
    assert found == [word] * 10


def test_too_much_noise_is_unclear_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(verdicts(tmp_path, monkeypatch, 1.0, 0.5, 10)) == {"unclear"}


def test_interval_is_that_of_scipy() -> None:
    from scipy.stats import ttest_1samp

    logs = [-0.1, 0.0, 0.1, 0.25]
    expected = ttest_1samp(logs, 0).confidence_interval(1 - 0.01 / len(LOOKS) / 3)
    found = interval(logs, cells=3)
    assert math.log(found.low) == pytest.approx(expected.low)
    assert math.log(found.high) == pytest.approx(expected.high)


def test_one_launch_says_nothing() -> None:
    found = interval([0.5], cells=1)
    assert (found.low, found.high) == (0.0, math.inf)


def test_launches_needed_are_enough() -> None:
    logs = [0.04, 0.06, 0.05, 0.02]
    needed = launches_needed(logs, cells=1, threshold=0.03)
    assert needed is not None
    assert needed > len(logs)
    sd = interval(logs, 1).sd
    assert smallest_effect(sd, needed, 1) < math.expm1(sum(logs) / 4) or needed == 5
