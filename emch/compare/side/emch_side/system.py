"""What a measuring process asks of the system: a heap of its own, an end, its peak of memory."""

from __future__ import annotations

import ctypes
import random
import re
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PR_SET_PDEATHSIG = 1


def random_heap() -> list[bytearray]:
    """Return some memory of random sizes, so that what is allocated later lies elsewhere.

    Where it lies is chance that a folder's name can decide, the same in every launch: enough to let
    an engine take 6 % more memory. Drawn anew in each process it is noise, which launches average
    (setup randomization: Mytkowicz et al., "Producing wrong data without doing anything obviously
    wrong", ASPLOS 2009).
    """
    rng = random.Random()  # noqa: S311 - chance, not a secret
    return [bytearray(rng.randrange(1024, 65536)) for _ in range(rng.randrange(32))]


def die_with_parent() -> None:
    """Let the system kill this process when its parent ends, however that ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def ending_after(seconds: float) -> Iterator[None]:
    """Let the system end this process, which no code of an engine can hinder, after a time."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


def peak() -> int:
    """Return the greatest resident set so far, in bytes.

    Linux's `ru_maxrss` begins with that of the parent; VmHWM is of this program alone.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text())
        if found:
            return int(found[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
