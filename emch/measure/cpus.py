"""The CPUs that a process may use: its affinity, and the quota of its control groups."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from emch.errors import InvalidInput

PROC = Path("/proc/self")


def usable_cpus() -> int:
    """Return how many CPUs this process may keep busy: at least 1.

    These are the CPUs that it may run on, or what its quota allows, rounded up, where that is less.
    """
    allowed, quota = allowed_cpus(), cpu_quota()
    return allowed if quota is None else min(allowed, max(1, math.ceil(quota)))


def allowed_cpus() -> int:
    """Return how many CPUs this process may run on, whatever its quota."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def require_cpus(
    threads: int, *, streams: int = 1, callers: int = 1, oversubscribe: bool = False
) -> None:
    """Refuse threads that streams cannot share, or that need more CPUs than are usable.

    Parameters
    ----------
    threads, streams : int
        Of one session; its streams share the threads.
    callers : int
        Sessions that are at work at once.
    oversubscribe : bool
        Allow more threads than there are usable CPUs.

    Raises
    ------
    InvalidInput
        With what to ask for instead.
    """
    if threads < 1 or streams < 1 or threads % streams:
        raise InvalidInput(
            f"{threads} threads cannot be shared equally by {streams} streams: "
            "there must be at least 1 of each"
        )
    needed, usable = callers * threads, usable_cpus()
    if needed > usable and not oversubscribe:
        asked = f"{threads} threads" if callers == 1 else f"{callers} callers x {threads} threads"
        raise InvalidInput(
            f"{asked} need {needed} CPUs, and {usable} {'is' if usable == 1 else 'are'} usable: "
            "ask for fewer, or give --oversubscribe (in Python, oversubscribe=True)"
        )


def cpu_quota(proc: Path = PROC) -> float | None:
    """Return how many CPUs' time the control groups of this process allow; None for no limit.

    It is the smallest quota of the process's group and of all groups around it, of either version
    of Linux's control groups (cpu.max: kernel documentation, "Control Group v2"; cpu.cfs_quota_us:
    "CFS Bandwidth Control"). Rust's `std::thread::available_parallelism` counts in the same way.

    Parameters
    ----------
    proc : Path
        The folder in /proc of the process.
    """
    quotas = [quota for folder in _groups(proc) if (quota := _quota(folder)) is not None]
    return min(quotas, default=None)


def _groups(proc: Path) -> Iterator[Path]:
    """Yield the folder of each group that the process is in, up to the root of each hierarchy."""
    with suppress(OSError):  # a system without /proc has no control groups either
        paths = _paths((proc / "cgroup").read_text())
        for line in (proc / "mountinfo").read_text().splitlines():
            mount, _, system = line.partition(" - ")
            kind, _, controllers = system.split(" ", 2)
            if kind not in paths or (kind == "cgroup" and "cpu" not in controllers.split(",")):
                continue
            root, point = mount.split(" ")[3:5]
            path = Path(paths[kind])
            # What a container has mounted may begin below the root that the kernel knows.
            below = path.relative_to(root) if path.is_relative_to(root) else Path()
            top = Path(point)
            yield from (top / part for part in (below, *below.parents))


def _paths(text: str) -> dict[str, str]:
    """Read /proc/PID/cgroup: the path of the group, by the type of the file system it is in."""
    paths = {}
    for line in text.splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0":
            paths["cgroup2"] = path
        elif "cpu" in controllers.split(","):
            paths["cgroup"] = path
    return paths


def _quota(folder: Path) -> float | None:
    """Return the quota of one group, in CPUs; None where it sets none."""
    with suppress(OSError):
        quota, period = (folder / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    with suppress(OSError):
        quota = (folder / "cpu.cfs_quota_us").read_text()
        period = (folder / "cpu.cfs_period_us").read_text()
        return None if int(quota) < 0 else int(quota) / int(period)
    return None
