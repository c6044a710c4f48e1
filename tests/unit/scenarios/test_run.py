"""Whatever happens to a stream, all threads end, and what was raised comes out."""

import signal
import threading
import time
from collections.abc import Callable

import pytest

from emch.scenarios.arrivals import Arrivals
from emch.scenarios.clock import WALL
from emch.scenarios.closed_loop import concurrent
from emch.scenarios.elastic import elastic
from emch.scenarios.limits import Limits
from emch.scenarios.offline import offline
from emch.scenarios.outcome import Interrupted, Outcome
from emch.scenarios.run import Run
from emch.scenarios.server import server
from emch.scenarios.target import Target
from emch.scenarios.worker import Worker
from tests.alone import alone
from tests.unit.scenarios.simulated import SleepingTarget

ENDLESS = Limits.by_seconds(60.0)
LOADS: dict[str, Callable[[Target], Outcome]] = {
    "async": lambda target: concurrent(target, ENDLESS),
    "elastic": lambda target: elastic(target, ENDLESS, most=2),
    "server": lambda target: server(target, ENDLESS, Arrivals(rate=500.0)),
    "offline": lambda target: offline(target, ENDLESS, requests=1_000_000),
}


@pytest.mark.parametrize("streams", [1, 3])
@pytest.mark.parametrize("load", LOADS)
def test_failing_request_ends_the_run_with_its_error(load: str, streams: int) -> None:
    def fail(request: int) -> None:
        if request == 7:
            raise ZeroDivisionError("of this request")

    target = SleepingTarget(streams, 0.001, fail)
    with pytest.raises(ZeroDivisionError, match="of this request"):
        LOADS[load](target)
    assert target.in_work == 0


@pytest.mark.parametrize("streams", [1, 3])
@pytest.mark.parametrize("load", LOADS)
@alone
def test_interrupt_ends_the_run_with_what_was_measured(load: str, streams: int) -> None:
    def interrupt(request: int) -> None:
        if request == 20:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    target = SleepingTarget(streams, 0.001, interrupt)
    with pytest.raises(Interrupted) as caught:
        LOADS[load](target)
    assert target.in_work == 0
    outcome = caught.value.outcome
    assert outcome.served >= 15
    assert isinstance(caught.value, KeyboardInterrupt)


@pytest.mark.parametrize("load", LOADS)
@alone
def test_interrupt_waits_for_the_calls_of_all_streams(load: str) -> None:
    """The calls take far longer than it takes to notice the interrupt."""

    def interrupt(request: int) -> None:
        if request == 1:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    target = SleepingTarget(2, 0.5, interrupt)
    with pytest.raises(Interrupted) as caught:
        LOADS[load](target)
    assert target.in_work == 0
    assert caught.value.outcome.served == len(target.requests)


def test_failure_is_not_held_up_by_a_stream_that_waits_for_its_moment() -> None:
    """The other stream has the arrival of an hour later, and ends all the same."""

    def fail(_: int) -> None:
        raise ZeroDivisionError

    began = time.perf_counter()
    with pytest.raises(ZeroDivisionError):
        server(
            SleepingTarget(2, 0.0, fail), Limits.by_requests(2),
            Arrivals(rate=2 / 3600, kind="gamma", burstiness=1e-3, seed=first_at_once()),
        )  # fmt: skip
    assert time.perf_counter() - began < 30


def first_at_once() -> int:
    """Return a seed with which the first of two arrivals comes within a second."""
    for seed in range(1000):
        arrivals = Arrivals(rate=2 / 3600, kind="gamma", burstiness=1e-3, seed=seed)
        if arrivals.plan(Limits.by_requests(2))[0] < 1:
            return seed
    raise AssertionError("no seed has an early arrival")


def test_thread_that_cannot_be_started_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    real, started = threading.Thread.start, []

    def start(thread: threading.Thread) -> None:
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    target = SleepingTarget(3)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        concurrent(target, ENDLESS)
    assert not any(thread.is_alive() for thread in started)
    assert target.calls == []


def test_worker_that_never_began_is_not_waited_for() -> None:
    Worker(lambda: None).wait()


@alone
def test_worker_is_waited_for_again_after_an_interrupt() -> None:
    held, ended = threading.Event(), []
    worker = Worker(lambda: held.wait() and ended.append(True))
    worker.start()
    main = threading.main_thread().ident or 0
    threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        worker.wait()
    threading.Timer(0.1, held.set).start()
    worker.wait()
    assert ended == [True]


def test_wait_ends_at_its_moment_and_not_before() -> None:
    run = Run(WALL)
    run.begin()
    for moment in (0.0, 0.01, 0.013, 0.1):
        assert run.wait_until(moment)
        assert run.now() >= moment


def test_wait_of_a_run_that_is_stopped_ends_soon() -> None:
    run = Run(WALL)
    run.begin()
    threading.Timer(0.1, lambda: setattr(run, "stopped", True)).start()
    assert not run.wait_until(60.0)
    assert run.now() < 30
