"""Callers stop when they should, start together, and one that fails holds up nobody.

No test has a limit that a slow machine could break: `max_seconds` is either far away, or 0.
"""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emch.scenarios.callers import Limits, Timing, run_callers

LONG = 3600.0
HANGS = 60.0
"""Seconds after which something that takes none is taken to hang."""


def calls(count: int) -> Limits:
    """Return limits that let each caller make just so many calls."""
    return Limits(min_calls=count, min_seconds=0.0, max_seconds=LONG)


def nothing() -> None:
    pass


def finish(action: Callable[[], object]) -> None:
    """Do something in a thread, and fail where it hangs in place of hanging with it."""
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    thread.join(HANGS)
    assert not thread.is_alive(), "it hangs"


@pytest.mark.parametrize(
    ("made", "seconds", "stops"),
    [
        (0, 0.0, False),
        (9, 2.0, False),  # too few calls
        (10, 1.9, False),  # too short
        (10, 2.0, True),
        (11, 3.0, True),
        (1, 4.9, False),
        (1, 5.0, True),  # few calls, but it takes too long
        (1000, 0.1, False),
    ],
)
def test_limits_are_both_minima_or_the_maximum(made: int, seconds: float, stops: bool) -> None:
    limits = Limits(min_calls=10, min_seconds=2.0, max_seconds=5.0)
    assert limits.reached(made, seconds) is stops


@given(st.integers(1, 20), st.integers(1, 3), st.integers(1, 5))
def test_each_caller_makes_its_calls_in_turn(count: int, callers: int, items: int) -> None:
    made: list[list[int]] = [[] for _ in range(callers)]

    def call(caller: int, item: int) -> Callable[[], None]:
        return lambda: made[caller].append(item)

    work = [[call(caller, item) for item in range(items)] for caller in range(callers)]
    timing = run_callers(work, calls(count))
    assert [len(samples) for samples in timing.call_s] == [count] * callers
    assert made == [[i % items for i in range(count)]] * callers


@pytest.mark.parametrize("callers", [1, 2])
def test_maximum_ends_it_after_the_first_call(callers: int) -> None:
    limits = Limits(min_calls=100, min_seconds=LONG, max_seconds=0.0)
    timing = run_callers([[nothing]] * callers, limits)
    assert [len(samples) for samples in timing.call_s] == [1] * callers


@pytest.mark.parametrize("callers", [1, 2])
def test_minimum_of_seconds_is_kept(callers: int) -> None:
    limits = Limits(min_calls=1, min_seconds=0.05, max_seconds=LONG)
    timing = run_callers([[nothing]] * callers, limits)
    assert all(sum(samples) > 0.049 for samples in timing.call_s)
    assert all(len(samples) > 1 for samples in timing.call_s)


def test_single_caller_stays_in_this_thread() -> None:
    threads = []
    timing = run_callers([[lambda: threads.append(threading.current_thread())]], calls(3))
    assert threads == [threading.current_thread()] * 3
    assert timing.elapsed_s == sum(timing.call_s[0])


def test_callers_are_threads_of_their_own_and_call_at_once() -> None:
    together = threading.Barrier(3)  # broken, and so an error, unless all three are in a call
    threads = set()

    def call() -> None:
        together.wait(HANGS)
        threads.add(threading.get_ident())

    timing = run_callers([[call], [call], [call]], calls(5))
    assert len(threads) == 3
    assert threading.get_ident() not in threads
    assert [len(samples) for samples in timing.call_s] == [5, 5, 5]


def test_no_call_is_made_before_every_caller_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []

    class Watched(threading.Barrier):
        def wait(self, timeout: float | None = None) -> int:
            events.append("ready")
            return super().wait(timeout)

    monkeypatch.setattr(threading, "Barrier", Watched)
    run_callers([[lambda: events.append("call")]] * 3, calls(2))
    assert events.index("call") == events.count("ready")
    assert events.count("call") == 6


@pytest.mark.parametrize("slow", [0, 1])
def test_elapsed_goes_from_the_first_start_to_the_last_end(slow: int) -> None:
    held = threading.Event()
    work = [[nothing], [nothing]]
    work[slow] = [lambda: held.wait(0.05) and None]
    timing = run_callers(work, calls(2))
    assert timing.elapsed_s >= sum(timing.call_s[slow]) > 0.09


@pytest.mark.parametrize("callers", [1, 2, 3])
@pytest.mark.parametrize("fails", [0, -1])
@pytest.mark.parametrize("after", [0, 3])
def test_exception_of_a_caller_comes_out_and_holds_up_nobody(
    callers: int, fails: int, after: int
) -> None:
    made = 0
    raised: list[BaseException] = []

    def fail() -> None:
        nonlocal made
        made += 1
        if made > after:
            raise ZeroDivisionError("of this caller")

    def run() -> None:
        work = [[nothing] for _ in range(callers)]
        work[fails] = [fail]
        with pytest.raises(ZeroDivisionError, match="of this caller") as caught:
            run_callers(work, calls(10))
        raised.append(caught.value)

    finish(run)
    assert len(raised) == 1
    assert made == after + 1


def test_thread_that_cannot_be_started_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    real, started = threading.Thread.start, []

    def start(thread: threading.Thread) -> None:
        if thread.name.startswith("ThreadPoolExecutor"):
            if started:
                raise RuntimeError("can't start new thread")
            started.append(thread)
        real(thread)

    ended = []

    def run() -> None:
        with pytest.raises(RuntimeError, match="can't start new thread"):
            run_callers([[nothing]] * 3, calls(1))
        ended.append(True)

    monkeypatch.setattr(threading.Thread, "start", start)
    finish(run)
    assert ended


def test_no_thread_is_left_behind() -> None:
    before = threading.active_count()
    timing = run_callers([[nothing]] * 4, calls(2))
    assert isinstance(timing, Timing)
    assert threading.active_count() == before
