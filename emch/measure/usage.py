"""What a process uses over a run: CPU time and memory, by its own account."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from emch.measure.process import Account

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Usage:
    """What this process used over a run.

    Attributes
    ----------
    wall_s, cpu_s : float
        Seconds, and seconds of CPU time of all its threads.
    peak_rss_bytes : int
        The largest resident set size in that time; where the system cannot start that figure anew,
        it is the largest since the process began.
    """

    wall_s: float
    cpu_s: float
    peak_rss_bytes: int

    @property
    def cpu_percent(self) -> float:
        """CPU time by wall time: 100 for each CPU that was kept busy."""
        return 100 * self.cpu_s / self.wall_s


class UsageMeter:
    """Accounts for this process from when it is made."""

    def __init__(self) -> None:
        with suppress(OSError):  # there is no such file but on Linux, and a sandbox may refuse it
            _CLEAR.write_text("5")  # the peak starts anew (Linux, proc_pid_clear_refs(5))
        self._start = Account.so_far()

    def read(self) -> Usage:
        """Return what was used so far."""
        now, start = Account.so_far(), self._start
        return Usage(
            wall_s=now.wall_s - start.wall_s,
            cpu_s=now.user_s + now.kernel_s - start.user_s - start.kernel_s,
            peak_rss_bytes=_peak_bytes() or now.peak_rss_bytes,
        )


def _peak_bytes() -> int | None:
    """Return the largest resident set size as Linux has it: `ru_maxrss` never falls."""
    if not _STATUS.is_file():
        return None
    found = re.search(r"VmHWM:\s*(\d+) kB", _STATUS.read_text())
    return int(found[1]) * 1024 if found else None
