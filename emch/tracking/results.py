"""The figures of asv's results, cell by cell."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from asv.results import Results

from emch.metrics import metric_of
from emch.tracking.stacks import LABEL

BASELINE = "sentence-transformers"
"""The backend that ratios are to."""

SEARCH = "semantic_search.WholeProcess"
"""The benchmark class of whole processes, as asv names it."""

BROKEN = "restore it with git, or remove it and measure again"
"""What can be done about a broken file of results."""


@dataclass(frozen=True)
class Cell:
    """One benchmark of the asv suite with its parameters.

    Attributes
    ----------
    benchmark : str
        asv's name of the benchmark.
    params : tuple of str
        The values of its parameters, as Python writes them.
    kind : str
        What asv calls its type: time, timeraw, peakmemory, memory or track.
    unit : str
        Of its value, as asv has it.
    cache : str or None
        asv's key of the `setup_cache` whose folder it needs.
    """

    benchmark: str
    params: tuple[str, ...]
    kind: str = "time"
    unit: str = field(default="seconds", compare=False)
    cache: str | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """As asv writes it."""
        return _named(self.benchmark, self.params)


@dataclass(frozen=True)
class Figure:
    """One value of one benchmark in one cell.

    Attributes
    ----------
    machine, stack, commit : str
        Where, with which versions, and of which commit it was measured.
    date : int
        Of the commit, in milliseconds since 1970 in UTC.
    benchmark : str
        asv's full name, such as `startup.Startup.track_load`.
    params : dict of str to str
        The benchmark's parameters by name.
    value : float
        What asv shows: the number, or the median of the samples.
    samples : tuple of float
        The raw samples; empty for a benchmark that has none.
    interval : tuple of float, or None
        asv's 99 % confidence interval of the median, where there are samples enough.
    requirements : dict of str to str
        The stack's pins at that time.
    cpus : int
        CPUs of the machine.
    """

    machine: str
    stack: str
    commit: str
    date: int
    benchmark: str
    params: dict[str, str]
    value: float
    samples: tuple[float, ...]
    interval: tuple[float, float] | None
    requirements: dict[str, str]
    cpus: int

    @property
    def metric(self) -> str:
        """The name of what it is a value of."""
        return metric_of(self.benchmark)

    @property
    def suite(self) -> str:
        """The class of its benchmark, as asv names it: `startup.Startup`."""
        return self.benchmark.rpartition(".")[0]

    @property
    def place(self) -> tuple[Any, ...]:
        """What stays the same over commits."""
        return (self.machine, self.stack, self.benchmark, *self.params.items())

    @property
    def name(self) -> str:
        """The benchmark with its parameters."""
        return _named(self.benchmark, self.params.values())


def _named(benchmark: str, params: Iterable[str]) -> str:
    texts = ", ".join(params)
    return f"{benchmark}({texts})" if texts else benchmark


def figures_of(
    results: Results, benchmarks: Mapping[str, Any], suite: str = ""
) -> Iterator[Figure]:
    """Yield the figures of one file of results; failed, skipped and unselected cells have none.

    Parameters
    ----------
    results : Results
        As asv has it.
    benchmarks : mapping
        What asv knows of the benchmarks, by name.
    suite : str
        The class of benchmarks whose figures are wanted; by default those of all.
    """
    for name in results.get_result_keys(benchmarks):
        if suite in ("", name.rpartition(".")[0]):
            yield from _figures(results, name, benchmarks[name])


def plain(text: str) -> str:
    """Return a parameter, which asv has as Python writes it, without the quotes of a text."""
    return text.strip("'")


def pins_of(results: Results) -> dict[str, str]:
    """Return the pins of the stack at that time, as asv.conf.json had them."""
    return dict(results._requirements)


def measured_cells(
    results: Results, name: str, params: list[list[str]]
) -> Iterator[tuple[int, tuple[str, ...], float]]:
    """Yield position, parameters and value of each cell that has one.

    Failed, skipped and unselected cells have none.
    """
    values = results.get_result_value(name, params)
    for position, (cell, value) in enumerate(zip(product(*params), values, strict=True)):
        if value is not None and not math.isnan(value):
            yield position, cell, value


def newest(figures: Iterable[Figure]) -> list[Figure]:
    """Keep the last figure of each place, which `CountedResults` has of the newest commit."""
    return list({figure.place: figure for figure in figures}.values())


def _figures(results: Results, name: str, benchmark: dict[str, Any]) -> Iterator[Figure]:
    params = benchmark["params"]
    stats = results.get_result_stats(name, params)
    samples = results.get_result_samples(name, params)
    for position, cell, value in measured_cells(results, name, params):
        yield Figure(
            machine=results.params["machine"],
            stack=results.env_vars.get(LABEL, results.env_name),
            commit=results.commit_hash,
            date=results.date,
            benchmark=name,
            params=dict(zip(benchmark["param_names"], map(plain, cell), strict=True)),
            value=value,
            samples=tuple(samples[position] or ()),
            interval=_interval(stats[position]),
            requirements=pins_of(results),
            cpus=int(results.params.get("num_cpu", 0)),
        )


def _interval(stats: dict[str, Any] | None) -> tuple[float, float] | None:
    if stats is None or stats.get("ci_99_a") is None:
        return None
    low, high = float(stats["ci_99_a"]), float(stats["ci_99_b"])
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None
