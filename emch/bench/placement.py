"""Where the threads of an engine may run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emch.measure.pinning import Pinning, confine
from emch.measure.topology import Cpu, choose_cpus, read_topology


@dataclass(frozen=True)
class Placement:
    """The CPUs, and how threads are tied to them.

    Attributes
    ----------
    cpus : tuple of Cpu
        Those that may be used, best first; none where the process is left as it is.
    pinning : {"none", "core", "numa"}
        Whether each thread has a CPU of its own, or all are kept on one NUMA node.
    note : str
        Why not all CPUs are used; empty where there is nothing to say.
    """

    cpus: tuple[Cpu, ...] = ()
    pinning: str = "none"
    note: str = ""

    def apply(self, streams: int, threads: int) -> Pinning:
        """Keep this process to the CPUs, and return what ties the threads of an engine to them.

        Raises
        ------
        InvalidInput, OptionNotHonoured, Unavailable
            See `confine` and `Pinning`.
        """
        if self.cpus:
            confine(cpu.number for cpu in self.cpus)
        return Pinning(self.pinning, self.cpus, streams, threads)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Placement":
        """Read what `dataclasses.asdict` returned, after it was JSON."""
        cpus = (Cpu(**{**cpu, "core": tuple(cpu["core"])}) for cpu in found["cpus"])
        return cls(tuple(cpus), found["pinning"], found["note"])


ANYWHERE = Placement()


def place(which: str | None, pinning: str) -> Placement:
    """Choose the CPUs of this machine that are used.

    Parameters
    ----------
    which : str or None
        As in `choose_cpus`.
    pinning : {"none", "core", "numa"}
        As in `Placement`.

    Raises
    ------
    InvalidInput
        There are no such CPUs.
    """
    choice = choose_cpus(read_topology(), which=which)
    if which is None and pinning == "none" and not choice.note:
        return ANYWHERE
    return Placement(choice.cpus, pinning, choice.note)
