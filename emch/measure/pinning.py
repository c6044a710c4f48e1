"""Ties the threads of this process to CPUs, and reads back what the system made of it (Linux)."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from emch.errors import InvalidInput, OptionNotHonoured, Unavailable
from emch.measure.threads import busy_threads, pin_thread, thread_name
from emch.measure.topology import Cpu, show_cpus

PINNINGS = ("none", "core", "numa")
Pinning = Literal["none", "core", "numa"]


@dataclass(frozen=True)
class Pinned:
    """A thread, and where it may run.

    Attributes
    ----------
    thread : str
        What it calls itself, with the system's number for it.
    cpus : str
        The CPUs, as the system says them.
    """

    thread: str
    cpus: str


def restrict(cpus: Sequence[Cpu], threads: int, pinning: Pinning) -> list[int]:
    """Let this process, and all threads that it will have, run on some CPUs alone.

    Parameters
    ----------
    cpus : sequence of Cpu
        The CPUs that are to be used, best first.
    threads : int
        How many threads will compute.
    pinning : {"none", "core", "numa"}
        With `numa` only the CPUs of the node that most of them are on are used.

    Returns
    -------
    list of int
        The numbers of the CPUs, in the order in which they are to be used.

    Raises
    ------
    InvalidInput
        The node has fewer CPUs than there are threads.
    OptionNotHonoured
        The system lets the process run elsewhere too.
    Unavailable
        The system has no such call.
    """
    if not hasattr(os, "sched_setaffinity"):
        raise Unavailable("this system cannot tie threads to CPUs: take --thread-pinning none")
    numbers = [cpu.number for cpu in (_of_one_node(cpus, threads) if pinning == "numa" else cpus)]
    os.sched_setaffinity(0, numbers)
    if (used := os.sched_getaffinity(0)) != set(numbers):
        raise OptionNotHonoured(
            f"the CPUs {show_cpus(numbers)} were asked for, and the process may run on "
            f"{show_cpus(used)}"
        )
    return numbers


def _of_one_node(cpus: Sequence[Cpu], threads: int) -> list[Cpu]:
    nodes = {cpu.node: [other for other in cpus if other.node == cpu.node] for cpu in cpus}
    best = max(nodes.values(), key=len)
    if len(best) < threads:
        raise InvalidInput(
            f"no NUMA node has {threads} of the CPUs {show_cpus(cpu.number for cpu in cpus)}, the "
            f"largest part is {len(best)}: ask for fewer threads, or take --thread-pinning none"
        )
    return best


def pin_each(
    before: Mapping[int, float], after: Mapping[int, float], cpus: Sequence[int]
) -> list[Pinned]:
    """Tie each thread that has computed to a CPU of its own.

    Parameters
    ----------
    before, after : mapping of int to float
        What `emch.measure.threads.cpu_times` returned before and after some work.
    cpus : sequence of int
        The CPUs, taken in turn where there are more threads.

    Raises
    ------
    OptionNotHonoured
        The system lets a thread run elsewhere too.
    """
    found = []
    for place, thread in enumerate(busy_threads(before, after)):
        cpu = cpus[place % len(cpus)]
        used = pin_thread(thread, frozenset((cpu,)))
        name = f"{thread_name(thread)} {thread}"
        if used != {cpu}:
            raise OptionNotHonoured(
                f"the thread '{name}' was tied to CPU {cpu}, and may run on {show_cpus(used)}"
            )
        found.append(Pinned(name, show_cpus(used)))
    return found
