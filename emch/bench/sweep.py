"""Tries batch sizes, threads and streams, and tells the best settings on this machine.

Every setting is measured alone for a short time. Those that no other one beats in both throughput
and latency (the Pareto-best) are then measured once more, in turn with each other and with the
engine's own default, and what is said comes from that.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from emch.backends.registry import make_options
from emch.bench.alternate import Bench
from emch.bench.found import Found
from emch.bench.plan import Case, Plan
from emch.bench.running import Told
from emch.errors import EmchError
from emch.scenarios.closed_loop import Concurrent

BUDGET_S = 120.0

FIRST_SHARE = 0.6
"""The part of the budget in which each setting is tried once."""

LEAST_S = 0.2
"""The shortest time in which a setting is measured."""

OVERHEAD_S = 2.0
"""About what starting a process, loading and checking take for a setting."""

MOST_AGAIN = 6
"""The settings that are measured again."""

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Swept:
    """What a sweep found.

    Attributes
    ----------
    tried : list of Found
        Every setting that was measured, in the order in which they were tried.
    left_out : int
        The settings for which the budget was too short.
    again : Bench
        The default and the Pareto-best ones, measured in turn.
    """

    tried: list[Found]
    left_out: int
    again: Bench

    @property
    def default(self) -> Found:
        """The engine's own default: all threads, one stream, the batch size of the file or 1."""
        return self.again.found[0]

    @property
    def for_latency(self) -> Found:
        """The setting with the lowest median latency."""
        return min(self._measured, key=median_s)

    @property
    def for_throughput(self) -> Found:
        """The setting with the most items per second."""
        return max(self._measured, key=lambda found: found.items_per_second)

    @property
    def _measured(self) -> list[Found]:
        return [found for found in self.again.found if found.rounds]


def median_s(found: Found) -> float:
    """Return the median latency of a case in seconds."""
    ordered = sorted(found.latencies_s)
    return float(ordered[len(ordered) // 2])


def settings(plan: Plan, sizes: Sequence[int], usable: int) -> Iterator[Case]:
    """Yield the settings of the first engine: the likely best ones first.

    Parameters
    ----------
    plan : Plan
        With the default as its first case.
    sizes : sequence of int
        Batch sizes.
    usable : int
        The CPUs that may be used.
    """
    first = plan.cases[0]
    shares = [
        (threads, streams)
        for threads in _steps(usable)
        for streams in _steps(threads)
        if threads % streams == 0
    ]
    for size in sizes:
        for threads, streams in shares:
            options = make_options(first.engine, threads=threads, streams=streams)
            yield Case(engine=first.engine, batch_size=size, options=options)


def sweep(
    plan: Plan, cases: Sequence[Case], budget_s: float, told: Told, clock: Callable[[], float]
) -> Swept:
    """Try settings within a budget of time.

    Parameters
    ----------
    plan : Plan
        The network, its inputs, and the default as its first case.
    cases : sequence of Case
        The settings.
    budget_s : float
        Seconds.
    told : Told
        Is told how far it has come.
    clock : callable
        Returns seconds.

    Raises
    ------
    EmchError
        The default itself cannot be measured.
    """
    start = clock()
    each_s = max(FIRST_SHARE * budget_s / (len(cases) + 1) - OVERHEAD_S, LEAST_S)
    default = plan.cases[0]
    tried = [_try(plan, default, each_s, told)]
    if tried[0].error:
        raise tried[0].error
    others = [case for case in cases if case != default]
    for case in others:
        if clock() - start > FIRST_SHARE * budget_s:
            break
        tried.append(_try(plan, case, each_s, told))
    best = pareto([found for found in tried if found.rounds])[:MOST_AGAIN]
    again_cases = list(dict.fromkeys([default, *(found.case for found in best)]))
    left_s = max(budget_s - (clock() - start), LEAST_S * len(again_cases))
    seconds = max(left_s / len(again_cases) - OVERHEAD_S, LEAST_S)
    again = Bench(_of(plan, again_cases, seconds), told)
    again.measure()
    return Swept(tried, 1 + len(others) - len(tried), again)


def pareto(found: Sequence[Found]) -> list[Found]:
    """Return the cases that no other one beats in throughput and in median latency."""
    kept = [
        each
        for each in found
        if not any(
            other.items_per_second >= each.items_per_second
            and median_s(other) <= median_s(each)
            and other is not each
            for other in found
        )
    ]
    return sorted(kept, key=median_s)


def _try(plan: Plan, case: Case, seconds: float, told: Told) -> Found:
    bench = Bench(_of(plan, [case], seconds), told)
    try:
        bench.measure()
    except EmchError as error:
        bench.found[0].error = error
    return bench.found[0]


def _of(plan: Plan, cases: Sequence[Case], seconds: float) -> Plan:
    """Return the plan for some cases, with a request in flight on each stream."""
    return replace(
        plan,
        cases=cases,
        seconds=seconds,
        iterations=None,
        warmup_s=min(plan.warmup_s, seconds),
        scenario=Concurrent(),
    )


def _steps(most: int) -> list[int]:
    """Return 1, 2, 4, ... and the most."""
    return sorted({1 << bit for bit in range(most.bit_length()) if 1 << bit <= most} | {most})
