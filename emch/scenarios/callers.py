"""How requests arrive: one caller after another, or several at once."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle

Call = Callable[[], object]


@dataclass(frozen=True)
class Limits:
    """When to stop: after both minima, or at the maximum.

    Attributes
    ----------
    min_calls : int
        Calls that each caller makes at least.
    min_seconds, max_seconds : float
        Seconds of the wall clock.
    """

    min_calls: int
    min_seconds: float
    max_seconds: float

    def reached(self, calls: int, seconds: float) -> bool:
        """Say whether a caller that has made `calls` in `seconds` stops."""
        enough = calls >= self.min_calls and seconds >= self.min_seconds
        return enough or seconds >= self.max_seconds


@dataclass(frozen=True)
class Timing:
    """The times that the callers measured.

    Attributes
    ----------
    call_s : list of list of float
        Seconds of each call, by caller, in order.
    elapsed_s : float
        From the common start to the end of the last call.
    """

    call_s: list[list[float]]
    elapsed_s: float


def run_callers(callers: Sequence[Sequence[Call]], limits: Limits) -> Timing:
    """Let each caller make its calls one after another, over and over; all start together.

    A single caller is the scenario `sync`: it runs in this thread.
    """
    if len(callers) == 1:
        samples = _call(callers[0], limits)
        return Timing([samples], sum(samples))
    ready = threading.Barrier(len(callers))

    def caller(calls: Sequence[Call]) -> tuple[list[float], float, float]:
        ready.wait()
        start = time.perf_counter()
        return _call(calls, limits), start, time.perf_counter()

    with ThreadPoolExecutor(len(callers)) as threads:
        try:
            running = [threads.submit(caller, calls) for calls in callers]
        except BaseException:
            ready.abort()  # or those that are ready would wait for ever for those that never come
            raise
        ended = [future.result() for future in running]
    start, end = min(start for _, start, _ in ended), max(end for _, _, end in ended)
    return Timing([samples for samples, _, _ in ended], end - start)


def _call(calls: Sequence[Call], limits: Limits) -> list[float]:
    """Return the seconds of each call; what passes between two calls belongs to the second."""
    samples: list[float] = []
    start = before = time.perf_counter()
    for call in cycle(calls):
        call()
        now = time.perf_counter()
        samples.append(now - before)
        before = now
        if limits.reached(len(samples), now - start):
            break
    return samples
