"""Ties the threads of an engine to CPUs, and reads back that they are (Linux).

choice = choose_cpus(read_topology(), count=4)
confine(choice.numbers)               # before the engine makes its threads
pinning = Pinning("core", choice.cpus, streams=2)
...                                   # the engine is loaded and warmed up
pinning.settle(serve)                 # in the thread that calls where there is one stream
pinning.enter(stream)                 # in each thread that calls, before each of its calls
pinning.check()                       # after a run
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from emch.errors import InvalidInput, OptionNotHonoured, Unavailable
from emch.measure.threads import busy_threads, cpu_times, thread_name
from emch.measure.topology import Cpu, show_cpus

PINNINGS = ("none", "core", "numa")

SETTLE_S = 0.3
"""How long an engine runs so that it shows which of its threads compute."""

Serve = Callable[[int], object]
"""Runs the network once in the calling thread, which is that of the stream of this number."""


def confine(cpus: Iterable[int]) -> None:
    """Let all threads of this process, and those that they will make, run on these CPUs alone.

    Raises
    ------
    Unavailable
        The system cannot tie threads.
    OptionNotHonoured
        It does not let them run on all of these CPUs.
    """
    _require_linux()
    for thread in cpu_times():
        tie(thread, frozenset(cpus))


def tie(thread: int, cpus: frozenset[int]) -> None:
    """Tie a thread of this process to CPUs, and read back that it is; 0 is the calling one.

    Raises
    ------
    OptionNotHonoured
        The system refuses, or it does not let it run on all of these CPUs.
    """
    try:
        os.sched_setaffinity(thread, cpus)
    except OSError as error:
        raise OptionNotHonoured(
            f"the system ties no thread to the CPUs {show_cpus(cpus)} ({error.strerror}): choose "
            "others with --cores"
        ) from error
    _require_tied(thread, cpus)


class Pinning:
    """Which CPUs each thread of an engine is tied to.

    Parameters
    ----------
    kind : {"none", "core", "numa"}
        Not at all; each thread to a CPU of its own; each to the CPUs of one NUMA node.
    cpus : sequence of Cpu
        As `choose_cpus` returns them. Each stream has an equal part of them, one after another.
    streams : int
        Calls at once.
    threads : int, optional
        Of the engine, over all its streams; by default as many as there are CPUs.

    Attributes
    ----------
    callers : list of frozenset of int
        The CPUs that the caller of each stream is tied to; empty where callers do not compute.
    workers : dict of int to frozenset of int
        The CPUs that each of the engine's own threads is tied to, by the system's number for it.

    Raises
    ------
    InvalidInput
        There is no such kind, or there are more threads than CPUs.
    Unavailable
        The system cannot tie threads.
    """

    def __init__(
        self, kind: str, cpus: Sequence[Cpu], streams: int = 1, threads: int | None = None
    ) -> None:
        if kind not in PINNINGS:
            raise InvalidInput(f"unknown pinning '{kind}'; known are: {', '.join(PINNINGS)}")
        wanted = max(threads or 0, streams)
        if kind == "core" and wanted > len(cpus):
            raise InvalidInput(
                f"{wanted} threads cannot have a CPU each, since there are {len(cpus)}: ask for "
                "fewer, or take another --thread-pinning"
            )
        if kind != "none":
            _require_linux()
        self.callers: list[frozenset[int]] = []
        self.workers: dict[int, frozenset[int]] = {}
        self._kind = kind
        self._cpus = list(cpus)
        self._streams = streams
        self._known: set[int] = set()
        self._settled: dict[int, float] = {}
        self._here = threading.local()

    def settle(self, serve: Serve, seconds: float = SETTLE_S) -> None:
        """Run the network on all streams, see which threads compute, and tie these.

        Raises
        ------
        OptionNotHonoured
            The engine has threads that end with the thread that calls it, so that they cannot be
            tied to cores; or the system does not do what it is told.
        """
        if self._kind == "none":
            return
        callers, busy = _watch(serve, self._streams, seconds)
        taken: Counter[int] = Counter()
        if callers & busy:
            share = len(self._cpus) // self._streams
            first = [self._cpus[stream * share] for stream in range(self._streams)]
            taken.update(cpu.number for cpu in first)
            self.callers = [self._around(cpu) for cpu in first]
        living = cpu_times()
        for thread in sorted(busy - callers):
            if thread in living:
                cpu = min(self._cpus, key=lambda cpu: taken[cpu.number])
                taken[cpu.number] += 1
                self.workers[thread] = self._around(cpu)
                tie(thread, self.workers[thread])
            elif self._kind == "core":
                raise OptionNotHonoured(
                    "the engine has threads that end with the thread that calls it, and cannot be "
                    "tied to CPUs: take one stream, or --thread-pinning numa"
                )
        if self._streams == 1:
            self.enter(0)
        self._known = {threading.main_thread().native_id or 0, *self.workers}
        self._settled = cpu_times()

    def enter(self, stream: int) -> None:
        """Tie the calling thread to the CPUs of its stream, where callers compute.

        After the first time it costs a comparison.

        Raises
        ------
        OptionNotHonoured
            The system does not do so.
        """
        if self._kind == "none" or getattr(self._here, "stream", None) == stream:
            return
        self._here.stream = stream
        self._known.add(threading.get_native_id())
        if self.callers:
            tie(0, self.callers[stream])

    def check(self) -> None:
        """Read back whether the threads that are tied still are, and whether no others compute.

        Raises
        ------
        OptionNotHonoured
            There is a thread for which that is not so.
        """
        if self._kind == "none":
            return
        now = cpu_times()
        for thread, cpus in self.workers.items():
            if thread in now:
                _require_tied(thread, cpus)
        for thread in busy_threads(self._settled, now) - self._known:
            raise OptionNotHonoured(
                f"the engine has made a thread since it was tied to CPUs ({thread_name(thread)}, "
                f"on {show_cpus(os.sched_getaffinity(thread))}): take --thread-pinning none"
            )

    def _around(self, cpu: Cpu) -> frozenset[int]:
        if self._kind == "core":
            return frozenset({cpu.number})
        return frozenset(each.number for each in self._cpus if each.node == cpu.node)


def _watch(serve: Serve, streams: int, seconds: float) -> tuple[set[int], set[int]]:
    """Run all streams for some time; return the threads that call, and those that compute."""
    callers: set[int] = set()
    errors: list[BaseException] = []
    ended, seen = threading.Barrier(streams + 1), threading.Event()

    def work(stream: int) -> None:
        callers.add(threading.get_native_id())
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            serve(stream)

    def call(stream: int) -> None:
        try:
            work(stream)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            errors.append(error)
        ended.wait()
        seen.wait()  # the engine's threads that end with this one are still to be seen

    before = cpu_times()
    if streams == 1:
        work(0)
        return callers, busy_threads(before, cpu_times())
    threads = [threading.Thread(target=call, args=(stream,)) for stream in range(streams)]
    for thread in threads:
        thread.start()
    ended.wait()
    busy = busy_threads(before, cpu_times())
    seen.set()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return callers, busy


def _require_tied(thread: int, cpus: frozenset[int]) -> None:
    found = os.sched_getaffinity(thread)
    if found != cpus:
        raise OptionNotHonoured(
            f"a thread was tied to the CPUs {show_cpus(cpus)}, and may run on {show_cpus(found)}: "
            "choose others with --cores"
        )


def _require_linux() -> None:
    if not hasattr(os, "sched_setaffinity"):
        raise Unavailable(
            "this system ties no threads to CPUs: take --thread-pinning none, without --cores"
        )
