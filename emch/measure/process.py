"""Whole-process measurement: a fresh child of a thin parent, accounted by the system."""

import ctypes
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from emch.errors import ChildFailed

THIN_PARENT = Path(__file__).with_name("thin_parent.py")
_STATM = Path("/proc/self/statm")
_STATUS = Path("/proc/self/status")
_PR_SET_PDEATHSIG = 1
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Account:
    """What a process used.

    Attributes
    ----------
    wall_s, user_s, kernel_s : float
        Seconds from start to end, in user mode and in the kernel.
    peak_rss_bytes : int
        The largest resident set size.
    """

    wall_s: float
    user_s: float
    kernel_s: float
    peak_rss_bytes: int

    @classmethod
    def so_far(cls) -> "Account":
        """Account for this process up to now; the wall clock's zero is arbitrary."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return cls(
            wall_s=time.perf_counter(),
            user_s=usage.ru_utime,
            kernel_s=usage.ru_stime,
            peak_rss_bytes=usage.ru_maxrss * _RSS_UNIT,
        )


def resident_bytes() -> int:
    """Return this process's resident set size."""
    if _STATM.is_file():
        return int(_STATM.read_text().split()[1]) * resource.getpagesize()
    import psutil  # not on Linux: a measured process should import no more than it needs

    return int(psutil.Process().memory_info().rss)


def peak_bytes() -> int:
    """Return the largest resident set size of this process so far.

    Linux's `ru_maxrss` begins with that of the parent; VmHWM is of this program alone.
    """
    if _STATUS.is_file() and (found := re.search(r"VmHWM:\s*(\d+) kB", _STATUS.read_text())):
        return int(found[1]) * 1024
    return Account.so_far().peak_rss_bytes


def die_with_parent() -> None:
    """Let the system kill this process when its parent ends, however that ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def run_accounted(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Account:
    """Run a command to its end as the child of a thin parent.

    Parameters
    ----------
    command : sequence of str
        The program's absolute path and its arguments.
    folder : Path
        Where the account and the command's error output are kept while it runs.
    environment : mapping of str to str
        Variables that are added to this process's own.

    Raises
    ------
    ChildFailed
        It did not end with status 0; the message has the last line of its error output, and a
        note has all of it.
    """
    account, errors = folder / "account.json", folder / "stderr.txt"
    with errors.open("wb") as stderr:
        parent = subprocess.Popen(
            [sys.executable, "-I", "-S", str(THIN_PARENT), str(account), *command],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=stderr,
            stderr=stderr,
        )
        try:
            parent.wait()
        finally:
            if parent.poll() is None:  # after an interrupt, the process that was started ends too
                parent.terminate()
                with suppress(KeyboardInterrupt):
                    parent.wait()
    said = errors.read_text(encoding="utf-8", errors="replace").strip()
    if not account.is_file():
        if parent.returncode < 0:
            ended = how_it_ended(parent.returncode)
            raise _failed(f"the parent of the measured process {ended}", said)
        raise _failed("the measured process could not be started", said)
    found = json.loads(account.read_text(encoding="utf-8"))
    if status := found.pop("status"):
        raise _failed(f"the measured process {how_it_ended(status)}", said)
    return Account(**found)


def how_it_ended(status: int) -> str:
    """Say how a process ended; a status below 0 is minus the signal that killed it."""
    if status >= 0:
        return f"ended with status {status}"
    why = ", as the system does when memory runs out" if -status == signal.SIGKILL else ""
    return f"was killed by signal {-status} ({signal.strsignal(-status)}){why}"


def _failed(what: str, said: str) -> ChildFailed:
    last = said.splitlines()[-1] if said else "it wrote no message"
    failed = ChildFailed(f"{what}: {last}")
    failed.add_note(said)
    return failed
