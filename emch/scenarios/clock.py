"""What tells the time, and how a thread sleeps precisely."""

import ctypes
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

SPIN_S = 30e-6
"""How long before its moment a wait stops sleeping and spins: about what waking up takes."""

_SET_SLACK, _GET_SLACK = 29, 30
"""PR_SET_TIMERSLACK and PR_GET_TIMERSLACK of Linux; see prctl(2)."""


class Clock(Protocol):
    """What tells the time; tests have one that does not wait."""

    def now(self) -> float:
        """Return seconds since an arbitrary moment."""

    def sleep(self, seconds: float) -> None:
        """Let seconds pass; 0 lets other threads go on."""


class WallClock:
    """The clock of the system with the highest resolution."""

    now = staticmethod(time.perf_counter)
    sleep = staticmethod(time.sleep)


WALL = WallClock()


@contextmanager
def precise_sleep() -> Iterator[None]:
    """Let this thread be woken on time.

    Linux puts off the end of a sleep by up to 50 us, so as to wake the CPU less often (timer slack,
    prctl(2)). Other systems are taken as they are.
    """
    if sys.platform != "linux":
        yield
        return
    prctl = ctypes.CDLL(None).prctl
    before = prctl(_GET_SLACK, 0, 0, 0, 0)
    prctl(_SET_SLACK, 1, 0, 0, 0)  # in nanoseconds; 0 would be the default
    try:
        yield
    finally:
        prctl(_SET_SLACK, before, 0, 0, 0)
