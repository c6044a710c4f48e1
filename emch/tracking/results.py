"""The figures of asv's results, cell by cell."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from asv.benchmarks import Benchmarks
from asv.commands.publish import check_benchmark_params
from asv.config import Config
from asv.results import Results

from emch.errors import Unavailable
from emch.tracking.files import reading
from emch.tracking.stacks import LABEL

BASELINE = "sentence-transformers"
"""The backend that ratios are to."""

SEARCH = "semantic_search.WholeProcess"
"""The benchmark class of whole processes, as asv names it."""

BROKEN = "restore it with git, or remove it and measure again"
"""What can be done about a broken file of results."""

METRIC_OF = {
    "time_search": "elapsed_s",
    "time_batch": "median_s",
    "peakmem_search": "peak_rss_bytes",
    "track_wall": "wall_s",
    "track_user": "user_s",
    "track_kernel": "kernel_s",
    "track_cpu_percent": "cpu_percent",
    "track_peak_memory": "peak_rss_bytes",
    "track_hitrate": "hit_rate",
    "track_missrate": "miss_rate",
    "track_cosine": "cosine_to_reference",
    "track_encode": "encode_s",
    "track_latency": "median_s",
    "track_mean": "mean_s",
    "track_p90": "p90_s",
    "track_p95": "p95_s",
    "track_p99": "p99_s",
    "track_variance": "variance_s2",
    "track_qps": "sentences_per_second",
    "track_sentences_per_second": "sentences_per_second",
    "track_tokens_per_second": "tokens_per_second",
    "track_flop_per_second": "flop_per_second",
    "track_gemm_flop_per_second": "gemm_flop_per_second",
    "track_import": "import_s",
    "track_load": "load_s",
    "track_first_call": "first_call_s",
    "track_memory_after_load": "rss_after_load_bytes",
    "track_artifact_size": "artifact_bytes",
}
"""The metric that each benchmark method gives, in the words of `METRICS`."""


@dataclass(frozen=True)
class Cell:
    """One benchmark of the asv suite with its parameters.

    Attributes
    ----------
    benchmark : str
        asv's name of it.
    cell : tuple of str
        The parameters, as Python writes them.
    """

    benchmark: str
    cell: tuple[str, ...]

    @property
    def name(self) -> str:
        """As asv writes it."""
        return f"{self.benchmark}({', '.join(self.cell)})"


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
    cell : dict of str to str
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
        Of the machine.
    """

    machine: str
    stack: str
    commit: str
    date: int
    benchmark: str
    cell: dict[str, str]
    value: float
    samples: tuple[float, ...]
    interval: tuple[float, float] | None
    requirements: dict[str, str]
    cpus: int

    @property
    def place(self) -> tuple[Any, ...]:
        """What stays the same over commits."""
        return (self.machine, self.stack, self.benchmark, *self.cell.items())

    @property
    def name(self) -> str:
        """The benchmark with its parameters."""
        return f"{self.benchmark}({', '.join(self.cell.values())})"


def figures_of(results: Results, benchmarks: Mapping[str, Any]) -> Iterator[Figure]:
    """Yield every figure of one file of results; failed, skipped and unselected cells have none."""
    for name in results.get_result_keys(benchmarks):
        yield from _figures(results, name, benchmarks[name])


def load_results(path: Path, machine: str) -> Results:
    """Load one file of results.

    Raises
    ------
    InvalidInput
        It is broken.
    """
    with reading(path, BROKEN):
        results = Results.load(str(path), machine_name=machine)
        if not isinstance(results.commit_hash, str) or not isinstance(results.date, int):
            raise ValueError(f"of the commit {results.commit_hash!r} of {results.date!r}")
        return results


def load_benchmarks(config: Config) -> Benchmarks:
    """Load what asv knows of the benchmarks.

    Raises
    ------
    Unavailable
        There are no results.
    InvalidInput
        benchmarks.json is broken, or another asv wrote it.
    """
    path = Path(Benchmarks.get_benchmark_file_path(config.results_dir))
    if not path.is_file():
        raise Unavailable(f"no results in {config.results_dir}: run 'make bench'")
    with reading(path, "'asv run --bench just-discover' writes it again"):
        benchmarks = Benchmarks.load(config)
        for name, benchmark in benchmarks.items():
            check_benchmark_params(name, benchmark)
        return benchmarks


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


def metric_of(benchmark: str) -> str:
    """Return the metric of a benchmark by asv's full name; one that is not ours is its own."""
    return METRIC_OF.get(benchmark.rpartition(".")[2], benchmark)


def newest(figures: Iterable[Figure]) -> list[Figure]:
    """Keep the last figure of each place, which `CountedResults` has of the newest commit."""
    return list({figure.place: figure for figure in figures}.values())


def _figures(results: Results, name: str, benchmark: dict[str, Any]) -> Iterator[Figure]:
    params = benchmark["params"]
    stats = results.get_result_stats(name, params)
    samples = results.get_result_samples(name, params)
    for position, cell, value in measured_cells(results, name, params):
        texts = (text.strip("'") for text in cell)
        yield Figure(
            machine=results.params["machine"],
            stack=results.env_vars.get(LABEL, results.env_name),
            commit=results.commit_hash,
            date=results.date,
            benchmark=name,
            cell=dict(zip(benchmark["param_names"], texts, strict=True)),
            value=value,
            samples=tuple(samples[position] or ()),
            interval=_interval(stats[position]),
            requirements=dict(results._requirements),
            cpus=int(results.params.get("num_cpu", 0)),
        )


def _interval(stats: dict[str, Any] | None) -> tuple[float, float] | None:
    if stats is None or stats.get("ci_99_a") is None:
        return None
    low, high = float(stats["ci_99_a"]), float(stats["ci_99_b"])
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None
