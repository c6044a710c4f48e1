"""What else happened on the machine while something was measured."""

import os
from dataclasses import dataclass

import psutil

OTHER_PERCENT = 5.0
STEAL_PERCENT = 1.0


@dataclass(frozen=True)
class Conditions:
    """A reading of the system's counters.

    Attributes
    ----------
    wall_s, steal_s : float
        Seconds of all CPUs together, and those of them that the hypervisor took.
    swapped_bytes : int
        Bytes that were swapped in and out since the system was started.
    frequency_mhz : float or None
        The CPUs' present frequency, where the system tells.
    others_s : dict of (int, float) to (str, float)
        Name and CPU seconds of each process that is not ours, by id and time of its start; a
        kernel thread has one name now and another then.
    """

    wall_s: float
    steal_s: float
    swapped_bytes: int
    frequency_mhz: float | None
    others_s: dict[tuple[int, float], tuple[str, float]]

    @classmethod
    def now(cls) -> "Conditions":
        """Read the counters."""
        times, swap = psutil.cpu_times(), psutil.swap_memory()
        frequency = psutil.cpu_freq()
        return cls(
            wall_s=sum(times),
            steal_s=getattr(times, "steal", 0.0),
            swapped_bytes=swap.sin + swap.sout,
            frequency_mhz=frequency.current if frequency else None,
            others_s=_others(),
        )

    def since(self, before: "Conditions") -> list[str]:
        """Return in words what disturbed the machine between an earlier reading and this one."""
        found = []
        wall = max(self.wall_s - before.wall_s, 1e-9)
        steal = 100 * (self.steal_s - before.steal_s) / wall
        if steal > STEAL_PERCENT:
            found.append(f"the hypervisor took {steal:.0f} % of the CPU time")
        if self.swapped_bytes > before.swapped_bytes:
            found.append(f"{self.swapped_bytes - before.swapped_bytes} bytes were swapped")
        if self.frequency_mhz and before.frequency_mhz:
            change = self.frequency_mhz / before.frequency_mhz - 1
            if abs(change) > OTHER_PERCENT / 100:
                found.append(f"the CPU frequency changed by {change:+.0%}")
        one_cpu = wall / (os.cpu_count() or 1)
        for process, (name, seconds) in self.others_s.items():
            _, earlier = before.others_s.get(process, (name, 0.0))
            percent = 100 * (seconds - earlier) / one_cpu
            if percent > OTHER_PERCENT:
                found.append(f"{name} ({process[0]}) used {percent:.0f} % of a CPU")
        return found


def _others() -> dict[tuple[int, float], tuple[str, float]]:
    """Look at every process but this one, its children and its ancestors."""
    own = psutil.Process()
    ours = {own.pid, *(each.pid for each in own.children(recursive=True))}
    ours |= {each.pid for each in own.parents()}
    found = {}
    for process in psutil.process_iter(["name", "cpu_times", "create_time"]):
        times = process.info["cpu_times"]
        if process.pid not in ours and times is not None:
            place = process.pid, process.info["create_time"]
            found[place] = process.info["name"], times.user + times.system
    return found
