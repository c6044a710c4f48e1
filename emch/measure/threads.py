"""The threads of this process: which there are, and how much each of them has computed (Linux)."""

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

TASKS = Path("/proc/self/task")

BUSY = 0.05
"""The part of the CPU time of the busiest thread from which on another one counts as busy too."""


def cpu_times() -> dict[int, float]:
    """Return the seconds of CPU time of each thread so far, by the system's number for it."""
    found = {}
    for folder in TASKS.iterdir():
        thread = int(folder.name)
        with suppress(OSError):  # it has ended meanwhile
            # The number of a thread's clock, as glibc's pthread_getcpuclockid makes it.
            found[thread] = time.clock_gettime(~thread << 3 | 6)
    return found


def busy_threads(before: Mapping[int, float], after: Mapping[int, float]) -> set[int]:
    """Return the threads that have computed between two readings."""
    spent = {thread: seconds - before.get(thread, 0.0) for thread, seconds in after.items()}
    most = max(spent.values(), default=0.0)
    return {thread for thread, seconds in spent.items() if seconds >= BUSY * most > 0}


def thread_name(thread: int) -> str:
    """Return what a thread calls itself; empty where it has ended."""
    with suppress(OSError):
        return (TASKS / str(thread) / "comm").read_text().strip()
    return ""
