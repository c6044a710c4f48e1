"""The highest rate that keeps a bound is found on queues whose highest rate is known."""

from collections.abc import Callable
from itertools import count

import pytest

from emch.errors import InvalidInput
from emch.scenarios.arrivals import Arrivals
from emch.scenarios.find_rate import MOST_STEP_S, RESOLUTION, Step, find_rate
from emch.scenarios.goodput import Bound
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Outcome
from emch.scenarios.server import server
from tests.unit.scenarios.simulated import SimulatedClock, SimulatedTarget

SERVICE_S = 0.004


class Queue:
    """Runs a simulated target at any rate, each time with another seed; keeps the rates."""

    def __init__(self, service_s: Callable[[int], float] = lambda _: SERVICE_S) -> None:
        self.limits: list[tuple[float, Limits]] = []
        self._service_s = service_s
        self._seeds = count(1)

    def __call__(self, rate: float, limits: Limits) -> Outcome:
        self.limits.append((rate, limits))
        clock = SimulatedClock()
        arrivals = Arrivals(rate=rate, seed=next(self._seeds))
        return server(SimulatedTarget(clock, self._service_s), limits, arrivals, clock=clock)

    def share_within(self, rate: float, bound: Bound) -> float:
        """Return the share within the bound over a very long run."""
        return bound.goodput(self(rate, Limits.by_requests(100_000)))


@pytest.mark.parametrize("text", ["p99:20ms", "p90:10ms"])
@pytest.mark.parametrize("start", [None, 7.0, 2000.0])
def test_rate_keeps_the_bound_and_a_higher_one_breaks_it(text: str, start: float | None) -> None:
    queue, bound = Queue(), Bound.parse(text)
    found = find_rate(queue, bound, seconds=10.0, start=start)
    assert found.rate is not None
    assert queue.share_within(found.rate, bound) >= bound.percent / 100
    assert queue.share_within(found.rate * 1.25, bound) < bound.percent / 100
    assert "the bound is broken" in found.reason


def test_last_step_confirms_the_rate_for_twice_as_long() -> None:
    queue = Queue()
    found = find_rate(queue, Bound.parse("p99:20ms"), seconds=10.0)
    last = found.steps[-1]
    assert (last.rate, last.kept) == (found.rate, True)
    rate, limits = queue.limits[-1]
    assert (rate, limits.min_seconds, limits.min_calls) == (found.rate, 20.0, 2 * 459)


def test_steps_are_told_in_order_and_the_bracket_is_narrow() -> None:
    told: list[Step] = []
    found = find_rate(Queue(), Bound.parse("p99:20ms"), told=told.append)
    assert told == found.steps
    assert found.rate is not None
    broken = [step.rate for step in told if not step.kept and step.rate > found.rate]
    assert min(broken) / found.rate < (1 + RESOLUTION) ** 3
    assert len(told) < 25


def test_every_step_has_the_requests_that_the_percentile_needs() -> None:
    queue = Queue(lambda _: 0.4)  # at most 2.5 per second
    found = find_rate(queue, Bound.parse("p90:2s"), seconds=1.0)
    assert found.rate is not None
    assert found.rate < 2.5
    assert all(step.outcome.requests >= 44 for step in found.steps)


def test_stall_of_the_machine_does_not_end_the_search() -> None:
    """One call in the whole search takes a second, which breaks the bound of its step."""
    stalled: list[int] = []

    def service_s(request: int) -> float:
        if request == 100 and len(stalled) < 1:
            stalled.append(request)
            return 1.0
        return SERVICE_S

    calm = find_rate(Queue(), Bound.parse("p99:20ms"), start=50.0)
    found = find_rate(Queue(service_s), Bound.parse("p99:20ms"), start=50.0)
    assert not found.steps[0].kept
    assert found.steps[1].kept
    assert found.rate == pytest.approx(calm.rate, rel=0.15)


def test_bound_below_the_time_of_a_call_has_no_rate() -> None:
    found = find_rate(Queue(), Bound.parse("p99:3ms"))
    assert found.rate is None
    assert "the bound is broken even at" in found.reason


def test_percentile_that_takes_too_long_is_refused_or_told() -> None:
    with pytest.raises(InvalidInput, match="p99 needs 459 requests, which take more than 120 s"):
        find_rate(Queue(), Bound.parse("p99:20ms"), start=1.0)
    found = find_rate(Queue(lambda _: 1.0), Bound.parse("p99:2s"))
    assert found.rate is None
    assert "for a lower rate p99 needs more than 120 s" in found.reason
    assert all(limits.max_seconds <= 2 * MOST_STEP_S for _, limits in Queue().limits)


def test_generator_that_is_late_is_the_reason() -> None:
    """The target takes no time, so that nothing but the generator breaks."""

    class SlowClock(SimulatedClock):
        def now(self) -> float:
            self.time += 2e-5
            return self.time

    def run(rate: float, limits: Limits) -> Outcome:
        clock = SlowClock()
        target = SimulatedTarget(clock, lambda _: 0.0)
        return server(target, limits, Arrivals(rate=rate, kind="constant"), clock=clock)

    found = find_rate(run, Bound.parse("p99:20ms"), seconds=1.0)
    assert found.rate is not None
    assert found.rate < 1 / 2e-5
    assert "the generator itself is late" in found.reason
