"""`offline`: all requests are there at the start, and latency counts from it."""

import numpy as np
import pytest

from emch.errors import InvalidInput
from emch.scenarios.limits import Limits
from emch.scenarios.offline import offline
from tests.unit.scenarios.simulated import SimulatedClock, SimulatedTarget, SleepingTarget


def test_latency_counts_from_the_start() -> None:
    clock = SimulatedClock()
    outcome = offline(
        SimulatedTarget(clock, lambda _: 0.5), Limits.by_seconds(60), requests=4, clock=clock
    )
    assert outcome.latencies_s == pytest.approx([0.5, 1.0, 1.5, 2.0])
    assert outcome.achieved_rate == pytest.approx(2.0)


def test_number_of_requests_is_served_exactly_by_all_streams() -> None:
    target = SleepingTarget(3, 0.001)
    outcome = offline(target, Limits.by_seconds(60), requests=100)
    assert target.requests == list(range(100))
    assert outcome.requests == outcome.served == 100
    assert min(outcome.balance) > 0
    assert np.all(outcome.planned_s == 0)


def test_time_cuts_off_what_is_left() -> None:
    clock = SimulatedClock()
    outcome = offline(
        SimulatedTarget(clock, lambda _: 1.0), Limits.by_seconds(3), requests=10, clock=clock
    )
    assert (outcome.requests, outcome.served, outcome.unserved) == (10, 3, 7)


def test_without_a_number_the_limits_say_when() -> None:
    clock = SimulatedClock()
    target = SimulatedTarget(clock, lambda _: 1.0)
    assert offline(target, Limits.by_seconds(3), clock=clock).requests == 3
    assert offline(target, Limits.by_requests(5), clock=clock).requests == 5


def test_more_requests_than_can_be_kept_are_refused() -> None:
    with pytest.raises(InvalidInput, match="20,000,000 requests are more than can be kept"):
        offline(SleepingTarget(1), Limits.by_seconds(1), requests=20_000_000)
