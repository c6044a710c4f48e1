"""Bounds, the search of a rate, and slices of time, on outcomes of which all is known."""

import numpy as np
import pytest

from emch.errors import InvalidInput
from emch.scenarios.find_rate import find_rate
from emch.scenarios.goodput import Bound
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Outcome, join
from emch.scenarios.slices import cut, drift


def served(latencies: "np.ndarray[tuple[int], np.dtype[np.float64]]", rate: float) -> Outcome:
    """Return requests at equal gaps with some latencies, none of them late."""
    planned = np.arange(len(latencies)) / rate
    return Outcome(
        planned_s=planned,
        sent_s=planned,
        started_s=planned,
        ended_s=planned + latencies,
        stream=np.zeros(len(latencies), dtype=np.int64),
        together=np.ones(len(latencies), dtype=np.int64),
        streams=1,
        elapsed_s=float((planned + latencies).max()),
        offered_rate=rate,
    )


def test_bound_is_read_and_written() -> None:
    bound = Bound.parse("p99.5:50ms")
    assert (bound.percent, bound.seconds) == (99.5, 0.05)
    assert str(bound) == "p99.5:50ms"
    assert Bound.parse("p50:2s").seconds == 2


@pytest.mark.parametrize("text", ["p99", "99:5ms", "p0:5ms", "p100:1ms", "p99:0ms", "p99:5"])
def test_what_is_no_bound_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no bound"):
        Bound.parse(text)


def test_bound_is_kept_only_where_enough_requests_say_so() -> None:
    bound = Bound(99, 0.01)
    assert bound.least_requests == 459
    assert bound.is_kept(served(np.full(459, 0.001), 100.0))
    assert not bound.is_kept(served(np.full(458, 0.001), 100.0))
    slow = np.full(1000, 0.001)
    slow[:4] = 0.1
    assert not bound.is_kept(served(slow, 100.0))  # 0.4 % may be 1 % by chance
    assert bound.goodput(served(slow, 100.0)) == 0.996
    unserved = np.full(459, 0.001)
    unserved[3] = np.inf
    assert not bound.is_kept(served(unserved, 100.0))


def queue(rate: float, limits: Limits) -> Outcome:
    """Serve at most 1,000 a second: beyond that the waits grow."""
    count = max(limits.min_calls, int(rate * limits.min_seconds))
    overload = max(1 / 1000 - 1 / rate, 0.0)
    return served(0.001 + overload * np.arange(count), rate)


def test_highest_rate_that_keeps_the_bound_is_found_and_confirmed() -> None:
    found = find_rate(queue, Bound(99, 0.005), seconds=5.0)
    assert found.rate is not None
    assert 950 <= found.rate <= 1001
    assert found.steps[-1].rate == found.rate
    assert found.steps[-1].kept
    assert "the bound is broken" in found.reason


def test_bound_that_no_rate_keeps_is_said() -> None:
    found = find_rate(queue, Bound(90, 0.0005), seconds=5.0)
    assert found.rate is None
    assert found.reason


def test_slices_count_what_ended_in_them_and_a_drift_is_seen() -> None:
    outcome = served(np.full(100, 0.001), 10.0)
    slices = cut(outcome, 1.0)
    assert [each.requests for each in slices] == [10] * 9
    assert drift([each.rate for each in slices]) is None
    assert drift([100.0 - 2 * number for number in range(20)]) == pytest.approx(-0.26, abs=0.03)


def test_runs_are_joined_one_behind_another() -> None:
    one = served(np.full(10, 0.1), 10.0)
    both = join([one, one])
    assert both.requests == 20
    assert both.elapsed_s == pytest.approx(2 * one.elapsed_s)
    assert both.ended_s[10] == pytest.approx(one.elapsed_s + 0.1)
    assert both.latencies_s.tolist() == pytest.approx([0.1] * 20)
