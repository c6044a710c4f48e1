"""`server` is the queue of theory: M/D/1 at several loads, and what a closed loop makes of it."""

import numpy as np
import pytest

from emch.scenarios.arrivals import Arrivals
from emch.scenarios.closed_loop import sync
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Outcome
from emch.scenarios.server import server
from tests.unit.scenarios.simulated import (
    STEP_S,
    SimulatedClock,
    SimulatedTarget,
    SleepingTarget,
)

SERVICE_S = 0.010
REQUESTS = {0.5: 100_000, 0.8: 200_000, 0.95: 600_000}
"""By load: the higher it is, the longer what is left of one moment lasts, and the more it takes."""


def mean_wait_s(load: float) -> float:
    """Return the mean wait of M/D/1 (Pollaczek and Khinchine, for a fixed service time)."""
    return load * SERVICE_S / (2 * (1 - load))


def simulate(load: float) -> Outcome:
    clock = SimulatedClock()
    target = SimulatedTarget(clock, lambda _: SERVICE_S)
    limits, arrivals = Limits.by_requests(REQUESTS[load]), Arrivals(rate=load / SERVICE_S)
    return server(target, limits, arrivals, clock=clock)


def lindley(planned_s: np.ndarray, service_s: np.ndarray) -> np.ndarray:
    """Return when a single server starts each request (Lindley, 1952)."""
    started, free = np.empty(len(planned_s)), 0.0
    for request, (planned, service) in enumerate(zip(planned_s, service_s, strict=True)):
        started[request] = max(planned, free)
        free = started[request] + service
    return started


@pytest.mark.parametrize("load", REQUESTS)
def test_mean_wait_is_within_a_tenth_of_the_formula(load: float) -> None:
    outcome = simulate(load)
    assert outcome.unserved == 0
    assert outcome.waits_s.mean() == pytest.approx(mean_wait_s(load), rel=0.1)
    assert outcome.latencies_s.mean() == pytest.approx(mean_wait_s(load) + SERVICE_S, rel=0.1)


@pytest.mark.parametrize("load", REQUESTS)
def test_closed_loop_would_not_show_the_wait(load: float) -> None:
    """It sends nothing while it waits for an answer: this is the coordinated omission."""
    clock = SimulatedClock()
    closed = sync(
        SimulatedTarget(clock, lambda _: SERVICE_S), Limits.by_requests(1000), clock=clock
    )
    assert closed.latencies_s.max() == pytest.approx(SERVICE_S)
    assert closed.waits_s.max() < 0.1 * mean_wait_s(load)


def test_stall_is_seen_by_all_that_arrive_in_it() -> None:
    """A call of 1 s at 100 requests per second: 100 requests wait; a closed loop has but one."""
    slow = {500: 1.0}

    def service_s(request: int) -> float:
        return slow.get(request, 0.001)

    clock = SimulatedClock()
    limits, arrivals = Limits.by_requests(2000), Arrivals(rate=100.0, kind="constant")
    outcome = server(SimulatedTarget(clock, service_s), limits, arrivals, clock=clock)
    assert int((outcome.latencies_s > 0.1).sum()) == pytest.approx(100, abs=2)
    closed = sync(SimulatedTarget(clock, service_s), limits, clock=clock)
    assert int((closed.latencies_s > 0.1).sum()) == 1


def test_overloaded_queue_grows_until_it_is_cut_off() -> None:
    """At twice its capacity half of the requests wait when the last arrives, and drain after it."""
    clock = SimulatedClock()
    arrivals = Arrivals(rate=200.0, kind="constant")
    outcome = server(
        SimulatedTarget(clock, lambda _: SERVICE_S), Limits.by_seconds(10), arrivals, clock=clock
    )
    assert outcome.achieved_rate == pytest.approx(100, rel=0.01)
    assert outcome.latencies_s[-1] == pytest.approx(10, rel=0.02)
    assert outcome.late == 0
    slower = server(
        SimulatedTarget(clock, lambda _: 2 * SERVICE_S), Limits.by_seconds(10), arrivals,
        clock=clock,
    )  # fmt: skip
    assert slower.served == pytest.approx(1000, rel=0.01)
    assert slower.unserved == slower.requests - slower.served
    assert np.isinf(slower.latencies_s[slower.served :]).all()


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_real_clock_waits_as_a_queue_of_its_own_service_times(load: float) -> None:
    """Against the queue of the same arrivals and services, only the generator's lateness is left.

    That is not more than the time which the system takes to wake a thread; the bound leaves room
    for a machine that does other things too, and is far below the waits.
    """
    service_s = 0.004
    outcome = server(
        SleepingTarget(1, service_s), Limits.by_seconds(4), Arrivals(rate=load / service_s)
    )
    ideal = lindley(outcome.planned_s, outcome.ended_s - outcome.started_s)
    delay = outcome.started_s - ideal
    assert delay.min() > -1e-9
    assert np.allclose(delay, outcome.lateness_s, atol=1e-9)
    assert np.median(delay) < 0.25 * service_s
    assert outcome.waits_s.mean() > 0.1 * mean_wait_s(load)


def test_simulated_start_is_that_of_the_queue() -> None:
    outcome = simulate(0.8)
    ideal = lindley(outcome.planned_s, np.full(outcome.requests, SERVICE_S))
    behind = outcome.started_s - ideal
    assert behind.min() > -1e-6
    assert np.median(behind) <= STEP_S
