"""A run in slices, and whether it still drifts at its end."""

from itertools import permutations

import numpy as np
import pytest

from emch.scenarios.limits import Limits
from emch.scenarios.offline import offline
from emch.scenarios.outcome import Outcome
from emch.scenarios.slices import _chance_of_score, cut, drift
from tests.unit.scenarios.simulated import SimulatedClock, SimulatedTarget


def run(*service_s: float) -> Outcome:
    clock = SimulatedClock()
    target = SimulatedTarget(clock, lambda request: service_s[request])
    return offline(target, Limits.by_requests(len(service_s)), clock=clock)


def test_requests_count_in_the_slice_in_which_their_answer_came() -> None:
    slices = cut(run(0.4, 0.4, 0.4, 0.9, 0.4, 2.0))
    assert [each.start_s for each in slices] == [0.0, 1.0, 2.0, 3.0]
    assert [each.requests for each in slices] == [2, 1, 2, 0]
    assert slices[0].mean_s == pytest.approx(0.6)
    assert slices[3].mean_s is None


def test_rate_is_per_second_whatever_the_length_of_a_slice() -> None:
    outcome = run(*[0.01] * 104)
    assert [each.rate for each in cut(outcome, 0.25)] == pytest.approx([100.0] * 4, rel=0.05)


def test_part_of_a_slice_at_the_end_is_left_out() -> None:
    assert len(cut(run(*[0.3] * 5))) == 1


@pytest.mark.parametrize("values", [4, 5, 6])
def test_chance_is_that_of_all_orders(values: int) -> None:
    scores = [
        abs(sum(int(np.sign(b - a)) for i, a in enumerate(order) for b in order[i + 1 :]))
        for order in permutations(range(values))
    ]
    for score in set(scores):
        wanted = np.mean([found >= score for found in scores])
        assert _chance_of_score(score, values) == pytest.approx(min(1.0, wanted), abs=1e-12)


def test_run_that_rises_or_falls_over_its_second_half_drifts() -> None:
    falling = [100.0] * 10 + [100 - 2 * step for step in range(10)]
    assert drift(falling) == pytest.approx(-18 / 91)
    assert drift(falling[::-1]) is None  # it fell over its first half and is steady since
    assert drift([100 + step for step in range(10)]) == pytest.approx(4 / 107)


def test_small_change_is_no_drift() -> None:
    assert drift([100 + step / 10 for step in range(20)]) is None


def test_nothing_is_told_of_few_slices() -> None:
    assert drift([]) is None
    assert drift([1.0]) is None
    assert drift([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) is None


def test_noise_is_rarely_taken_for_drift() -> None:
    rng = np.random.default_rng(0)
    told = [drift(list(rng.normal(100, 10, 20))) for _ in range(2000)]
    assert np.mean([change is not None for change in told]) < 0.06
