"""`server`: requests come at their moments, in one queue before all streams."""

from collections.abc import Sequence

import numpy as np
import pytest

from emch.errors import InvalidInput
from emch.scenarios.arrivals import Arrivals
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import MOST_LATE
from emch.scenarios.server import Server, prompt_starts, sendable_rate, serve_plan, server
from tests.unit.scenarios.simulated import SimulatedClock, SimulatedTarget, SleepingTarget


def test_every_request_is_served_once_and_none_before_its_moment() -> None:
    target = SleepingTarget(2, 0.001)
    outcome = server(target, Limits.by_requests(200), Arrivals(rate=500.0))
    assert target.requests == list(range(200))
    assert (outcome.started_s >= outcome.planned_s).all()
    assert outcome.offered_rate == 500.0


def test_requests_start_in_their_order() -> None:
    outcome = server(SleepingTarget(3, 0.004), Limits.by_requests(300), Arrivals(rate=800.0))
    # Two threads that go on at the same moment may read the clock in another order.
    assert (np.diff(outcome.started_s) > -0.05).all()
    assert np.median(np.diff(outcome.started_s)) > 0


def test_several_streams_serve_from_one_queue() -> None:
    """No stream rests while a request waits: the start is the first moment that one is free."""
    outcome = server(SleepingTarget(2, 0.004), Limits.by_requests(400), Arrivals(rate=450.0))
    waited = outcome.waits_s - outcome.lateness_s
    assert min(outcome.balance) > 0.4
    for request in np.flatnonzero(waited > 0.002)[:50]:
        busy = (outcome.started_s < outcome.started_s[request]) & (
            outcome.ended_s > outcome.planned_s[request] + 0.001
        )
        assert busy.sum() >= 2


def test_fast_generator_is_never_late_by_itself() -> None:
    """A queue that grows because of the target alone is no lateness of the generator."""
    clock = SimulatedClock()
    outcome = server(
        SimulatedTarget(clock, lambda _: 0.01), Limits.by_requests(500), Arrivals(rate=150.0),
        clock=clock,
    )  # fmt: skip
    assert outcome.waits_s.max() > 1.0
    assert outcome.lateness_s.max() < 1e-3
    assert outcome.late == 0


class SlowClock(SimulatedClock):
    """A clock on which every look at it takes a while: a generator that is slow itself."""

    def now(self) -> float:
        self.time += 2e-5
        return self.time


def test_slow_generator_is_late_more_and_more() -> None:
    """It takes longer for a request than the gap between two, and the target takes no time."""
    clock = SlowClock()
    outcome = server(
        SimulatedTarget(clock, lambda _: 0.0), Limits.by_requests(2000),
        Arrivals(rate=50_000.0, kind="constant"), clock=clock,
    )  # fmt: skip
    assert outcome.late_share > MOST_LATE
    assert outcome.lateness_s[-1] > 10 * outcome.lateness_s[100]
    assert outcome.lateness_s[-1] == pytest.approx(outcome.waits_s[-1], rel=0.01)


def test_request_that_is_sent_late_is_late_though_the_next_ones_are_not() -> None:
    clock = SimulatedClock()

    class Stalls:
        streams = 1

        def serve(self, stream: int, requests: Sequence[int]) -> None:
            assert (stream, len(requests)) == (0, 1)
            clock.time += 0.001

    sleep, stalls = clock.sleep, iter([False] * 30 + [True])

    def stalling(seconds: float) -> None:
        sleep(seconds + (0.005 if next(stalls, False) else 0.0))

    clock.sleep = stalling  # type: ignore[method-assign]
    outcome = serve_plan(Stalls(), np.arange(1, 51) / 100, 100.0, clock)
    assert outcome.late == 1


def test_rate_that_no_machine_can_send_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"1,000,000,000 requests per second are more than"):
        Server(request_rate=1e9).require_inputs(1)
    Server(request_rate=10.0).require_inputs(2)


def test_generator_sends_thousands_to_a_target_that_takes_no_time() -> None:
    """Far below what it does on any machine, so that only a fault of the loop breaks it."""
    assert sendable_rate(2) > 2_000


def test_cpu_time_of_the_generator_is_without_the_targets() -> None:
    """The target burns CPU for most of the time, and the generator sleeps for the rest."""

    class Burns:
        streams = 1

        def serve(self, stream: int, requests: Sequence[int]) -> None:
            assert (stream, len(requests)) == (0, 1)
            sum(range(200_000))

    outcome = server(Burns(), Limits.by_requests(50), Arrivals(rate=50.0, kind="constant"))
    assert outcome.generator_cpu_s is not None
    served = float((outcome.ended_s - outcome.started_s).sum())
    assert 0 < outcome.generator_cpu_s < served


def test_same_seed_gives_the_same_plan_and_another_another() -> None:
    def planned(seed: int) -> list[float]:
        scenario = Server(request_rate=1000.0, seed=seed)
        return scenario.run(SleepingTarget(1), Limits.by_requests(50)).planned_s.tolist()

    assert planned(1) == planned(1) != planned(2)


def test_prompt_start_is_the_first_moment_at_which_a_stream_is_free() -> None:
    """By hand: two streams, the third request waits for the first call, the fourth for nobody."""
    planned, service = np.array([0.0, 1.0, 2.0, 9.0]), np.array([5.0, 6.0, 1.0, 1.0])
    assert prompt_starts(planned, service, 2).tolist() == [0.0, 1.0, 5.0, 9.0]
    assert prompt_starts(planned, service, 1).tolist() == [0.0, 5.0, 11.0, 12.0]


def test_stall_of_one_stream_is_no_lateness_of_requests_that_others_could_not_serve_sooner() -> (
    None
):
    """A stream that starts one request late delays those behind it, until the queue is empty."""
    planned = np.array([0.0, 0.0, 1.0, 1.0, 100.0])
    service = np.full(5, 10.0)
    started = np.array([0.5, 0.0, 10.0, 10.5, 100.0])  # the first one was sent 0.5 s late
    late = started - prompt_starts(planned, service, 2)
    assert late.tolist() == [0.5, 0.0, 0.0, 0.5, 0.0]
