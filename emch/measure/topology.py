"""Which CPUs there are: their cores, their NUMA nodes, and which of them are the fast ones."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from emch.errors import InvalidInput

SYS = Path("/sys/devices")
"""Where Linux tells of its CPUs; tests give a folder of their own."""

KINDS = ("performance", "efficiency", "all")
"""What can be asked for in place of a list of CPUs."""

FAST = 0.75
"""The part of the greatest capacity from which on a CPU is no slow one: favoured cores differ by a
tenth from the others, and the small cores of a hybrid machine have half or less."""


@dataclass(frozen=True)
class Cpu:
    """A CPU as the scheduler sees it: one of the hardware threads of a core.

    Attributes
    ----------
    number : int
        The system's.
    core : tuple of int
        The package and the core in it; CPUs that have both in common share that core.
    node : int
        The NUMA node.
    fast : bool
        Whether it is none of the slower kind that hybrid machines have.
    """

    number: int
    core: tuple[int, int]
    node: int
    fast: bool


@dataclass(frozen=True)
class Choice:
    """The CPUs to use.

    Attributes
    ----------
    cpus : tuple of Cpu
        In the order in which they are to be used: a CPU of each core before the second of any, fast
        ones first, and those of one node together.
    note : str
        Why not all of them; empty where there is nothing to say.
    """

    cpus: tuple[Cpu, ...]
    note: str

    @property
    def numbers(self) -> frozenset[int]:
        """The system's numbers of them."""
        return frozenset(cpu.number for cpu in self.cpus)


def read_topology(root: Path = SYS, allowed: Iterable[int] | None = None) -> list[Cpu]:
    """Return the CPUs that this process may run on.

    What the system does not tell is taken to be the plainest: each CPU a core, all on one node, all
    of one kind.

    Parameters
    ----------
    root : Path
        The folder `/sys/devices` or one like it.
    allowed : iterable of int, optional
        The numbers of the CPUs; by default those that this process may run on.
    """
    if allowed is None:
        mask = getattr(os, "sched_getaffinity", None)
        allowed = mask(0) if mask else range(os.cpu_count() or 1)
    numbers = sorted(allowed)
    nodes = _nodes(root)
    fast = _fast(root, numbers)
    return [
        Cpu(number, _core(root, number), nodes.get(number, 0), number in fast) for number in numbers
    ]


def choose_cpus(cpus: Iterable[Cpu], count: int | None = None, which: str | None = None) -> Choice:
    """Choose the CPUs that are used.

    Parameters
    ----------
    cpus : iterable of Cpu
        As `read_topology` returns them.
    count : int, optional
        How many; by default all of those meant.
    which : str, optional
        A word of `KINDS`, or a list as `0-3,8`. By default the fast ones of a hybrid machine and
        otherwise all.

    Raises
    ------
    InvalidInput
        There are no such CPUs, or not so many.
    """
    every = list(cpus)
    meant, note = _meant(every, which)
    if count is not None and count > len(meant):
        raise InvalidInput(
            f"{count} CPUs are asked for, and there are {len(meant)} of these "
            f"({show_cpus(cpu.number for cpu in meant)}): ask for fewer, or choose others with "
            "--cores"
        )
    return Choice(tuple(_in_order(meant)[:count]), note)


def parse_cpus(text: str) -> list[int]:
    """Read a list of CPUs as Linux writes it: `0-3,8`.

    Raises
    ------
    InvalidInput
        It is no such list.
    """
    found: set[int] = set()
    for part in filter(None, text.strip().split(",")):
        match = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise InvalidInput(
                f"'{text.strip()}' is no list of CPUs: write it as 0-3,8 or take one of "
                f"{', '.join(KINDS)}"
            )
        found.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return sorted(found)


def show_cpus(numbers: Iterable[int]) -> str:
    """Write CPUs as Linux does: `0-3,8`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def _meant(cpus: list[Cpu], which: str | None) -> tuple[list[Cpu], str]:
    fast = [cpu for cpu in cpus if cpu.fast]
    slow = [cpu for cpu in cpus if not cpu.fast]
    if which is None:
        note = (
            f"this CPU is hybrid: used are its performance cores ({_numbers(fast)}) and not the "
            f"others ({_numbers(slow)}); --cores chooses"
        )
        return fast, note if slow else ""
    if which not in KINDS:
        return _listed(cpus, parse_cpus(which)), ""
    meant = {"performance": fast, "efficiency": slow, "all": cpus}[which]
    if not meant:
        raise InvalidInput(
            f"there are no {which} cores among the CPUs {_numbers(cpus)}: take --cores all"
        )
    return meant, ""


def _listed(cpus: list[Cpu], wanted: list[int]) -> list[Cpu]:
    by_number = {cpu.number: cpu for cpu in cpus}
    if not wanted or not by_number.keys() >= set(wanted):
        raise InvalidInput(
            f"the CPUs {show_cpus(wanted) or '(none)'} are asked for, and this process may run on "
            f"{_numbers(cpus)}: choose of these"
        )
    return [by_number[number] for number in wanted]


def _numbers(cpus: Iterable[Cpu]) -> str:
    return show_cpus(cpu.number for cpu in cpus)


def _in_order(cpus: list[Cpu]) -> list[Cpu]:
    """Sort CPUs: the first of each core before the second, and by node within that."""
    met: dict[tuple[int, int], int] = {}
    ranked = []
    for cpu in sorted(cpus, key=lambda cpu: cpu.number):
        rank = met[cpu.core] = met.get(cpu.core, -1) + 1
        ranked.append((rank, not cpu.fast, cpu.node, cpu.number, cpu))
    return [cpu for *_, cpu in sorted(ranked, key=lambda each: each[:4])]


def _core(root: Path, number: int) -> tuple[int, int]:
    topology = root / "system" / "cpu" / f"cpu{number}" / "topology"
    package, core = (_read(topology / name) for name in ("physical_package_id", "core_id"))
    # A virtual machine may say -1 of all of them, which would be one core.
    known = package is not None and core is not None and int(core) >= 0
    return (int(package or 0), int(core or 0)) if known else (-1, number)


def _nodes(root: Path) -> dict[int, int]:
    """Return the NUMA node of each CPU."""
    return {
        cpu: int(folder.name.removeprefix("node"))
        for folder in sorted((root / "system" / "node").glob("node[0-9]*"))
        for cpu in parse_cpus(_read(folder / "cpulist") or "")
    }


def _fast(root: Path, numbers: list[int]) -> set[int]:
    """Return the CPUs that are not of the slower kind.

    Linux lists the two kinds of an Intel machine as the devices `cpu_core` and `cpu_atom`; of
    others it tells the capacity of each CPU.
    """
    listed = _read(root / "cpu_core" / "cpus")
    if listed is not None and (root / "cpu_atom").is_dir():
        return set(parse_cpus(listed))
    capacities = {
        number: int(_read(root / "system" / "cpu" / f"cpu{number}" / "cpu_capacity") or 0)
        for number in numbers
    }
    greatest = max(capacities.values(), default=0)
    return {number for number in numbers if capacities[number] >= FAST * greatest}


def _read(path: Path) -> str | None:
    return path.read_text(encoding="ascii").strip() if path.is_file() else None
