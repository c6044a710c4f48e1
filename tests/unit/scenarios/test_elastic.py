"""`elastic`: a free stream takes what waits, up to a limit, and waits for more up to a deadline."""

import threading

import numpy as np
import pytest

from emch.errors import InvalidInput
from emch.scenarios.elastic import Elastic, elastic
from emch.scenarios.limits import Limits
from tests.unit.scenarios.simulated import SleepingTarget

LONG_S = 30.0


def test_clients_fill_every_batch() -> None:
    target = SleepingTarget(2, 0.001)
    outcome = elastic(target, Limits.by_requests(96), most=4, deadline_s=LONG_S)
    assert target.requests == list(range(96))
    assert {len(requests) for _, requests in target.calls} == {4}
    assert set(outcome.together.tolist()) == {4}


def test_requests_of_a_batch_begin_and_end_together_and_count_from_when_they_were_sent() -> None:
    outcome = elastic(SleepingTarget(1, 0.002), Limits.by_requests(40), concurrency=8, most=4)
    for start in np.unique(outcome.started_s):
        batch = outcome.started_s == start
        assert batch.sum() == outcome.together[batch][0]
        assert len(np.unique(outcome.ended_s[batch])) == 1
    # Eight clients before one stream that takes four: each waits for the four before it.
    assert np.median(outcome.latencies_s[8:]) > 1.5 * 0.002
    assert np.median(outcome.waits_s[8:]) > 0.5 * 0.002


def test_deadline_ends_the_wait_for_more() -> None:
    """Three clients never make four requests: without a deadline nothing would be served."""
    target = SleepingTarget(1, 0.0)
    outcome = elastic(target, Limits.by_requests(30), concurrency=3, most=4, deadline_s=0.005)
    assert max(outcome.together) <= 3
    full = outcome.waits_s[outcome.together == 3][:-3]
    assert np.median(full) >= 0.005


def test_order_is_that_of_sending() -> None:
    target = SleepingTarget(1)
    elastic(target, Limits.by_requests(200), concurrency=5, most=3, deadline_s=0.001)
    served = [request for _, requests in target.calls for request in requests]
    assert served == list(range(200))


def test_what_waits_when_the_clients_cease_is_served_without_waiting() -> None:
    target = SleepingTarget(1)
    outcome = elastic(target, Limits.by_requests(10), concurrency=8, most=8, deadline_s=LONG_S)
    assert outcome.served == 10
    assert [len(requests) for _, requests in target.calls] == [8, 2]


def test_streams_work_at_once() -> None:
    together = threading.Barrier(2, timeout=10)
    target = SleepingTarget(2, 0.0, lambda request: request % 2 or together.wait())
    outcome = elastic(target, Limits.by_requests(40), most=2)
    assert outcome.served == 40


def test_fewer_clients_than_streams_are_refused() -> None:
    with pytest.raises(InvalidInput, match="a concurrency of 2 cannot keep 3 streams busy"):
        Elastic(concurrency=2).require_inputs(3)
    Elastic(concurrency=3).require_inputs(3)
    Elastic().require_inputs(3)


def test_parameters_reach_the_queue() -> None:
    target = SleepingTarget(1)
    outcome = Elastic(concurrency=6, most=3, deadline_ms=1.0).run(target, Limits.by_requests(60))
    assert max(outcome.together) == 3
