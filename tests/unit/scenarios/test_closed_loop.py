"""`sync` and `async`: the next request of a stream comes when its last one is answered."""

import threading

import numpy as np
import pytest

from emch.scenarios.closed_loop import concurrent, sync
from emch.scenarios.limits import Limits
from tests.unit.scenarios.simulated import SimulatedClock, SimulatedTarget, SleepingTarget


def test_sync_sends_one_request_after_another_from_this_thread() -> None:
    target = SleepingTarget(3)
    outcome = sync(target, Limits.by_requests(20))
    assert target.calls == [(0, (request,)) for request in range(20)]
    assert target.threads[0] == {threading.get_ident()}
    assert outcome.streams == 1
    assert (outcome.started_s[1:] >= outcome.ended_s[:-1]).all()


def test_latency_is_the_length_of_the_call() -> None:
    clock = SimulatedClock()
    target = SimulatedTarget(clock, lambda request: 0.1 * (request + 1))
    outcome = sync(target, Limits.by_requests(3), clock=clock)
    assert outcome.latencies_s == pytest.approx([0.1, 0.2, 0.3])
    assert outcome.elapsed_s == pytest.approx(0.6)
    assert outcome.offered_rate is None
    assert outcome.late == 0


def test_run_by_seconds_begins_no_call_after_them() -> None:
    clock = SimulatedClock()
    outcome = sync(SimulatedTarget(clock, lambda _: 0.3), Limits.by_seconds(1.0), clock=clock)
    assert outcome.started_s == pytest.approx([0.0, 0.3, 0.6, 0.9])
    assert outcome.elapsed_s == pytest.approx(1.2)


@pytest.mark.parametrize("streams", [1, 2, 4])
def test_async_keeps_every_stream_busy_in_a_thread_of_its_own(streams: int) -> None:
    target = SleepingTarget(streams, 0.002)
    outcome = concurrent(target, Limits.by_requests(50))
    assert target.requests == list(range(50))
    assert all(len(threads) == 1 for threads in target.threads)
    assert len(set().union(*target.threads)) == streams
    assert sum(outcome.balance) == pytest.approx(1.0)
    assert min(outcome.balance) > 0


def test_all_streams_are_in_flight_at_once() -> None:
    """Each call waits until all others are there, so that fewer than all would never end."""
    together = threading.Barrier(3, timeout=10)
    outcome = concurrent(SleepingTarget(3, 0.0, lambda _: together.wait()), Limits.by_requests(30))
    assert outcome.balance == pytest.approx([1 / 3] * 3)


def test_calls_of_a_stream_do_not_overlap() -> None:
    outcome = concurrent(SleepingTarget(2, 0.001), Limits.by_requests(40))
    for stream in range(2):
        own = outcome.stream == stream
        assert (outcome.started_s[own][1:] >= outcome.ended_s[own][:-1]).all()
    assert np.all(outcome.latencies_s >= 0.001)
