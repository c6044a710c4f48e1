"""The one table of metrics: name, unit, direction and how to print a value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """A measured quantity.

    Attributes
    ----------
    name : str
        The field's name in records and JSON; it ends in its unit where it has one.
    label : str
        The words above a column.
    unit : str
        The unit of the stored value, as asv shows it.
    better : {"lower", "higher"}
        The direction of an improvement.
    show : callable
        Formats a value for people.
    exact : bool
        Whether it has no noise, so that every change matters.
    judged : bool
        Whether a change of it is better or worse by itself.
    """

    name: str
    label: str
    unit: str
    better: Literal["lower", "higher"]
    show: Callable[[float], str]
    exact: bool = False
    judged: bool = True


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.0f} ms"


def _milliseconds(value: float) -> str:
    return f"{1000 * value:,.2f} ms"


def _rate(value: float) -> str:
    return f"{value:,.1f}"


def _gflops(value: float) -> str:
    return f"{value / 1e9:,.0f} GFLOP/s"


def _mebibytes(value: float) -> str:
    return f"{value / 2**20:,.0f} MiB"


def _fraction(value: float) -> str:
    return f"{value:.4f}"


def _percent(value: float) -> str:
    return f"{value:.0f} %"


def _variance(value: float) -> str:
    return f"{value:.3g} s²"


def _cosine(value: float) -> str:
    return f"{value:.6f}"


METRICS = {
    metric.name: metric
    for metric in (
        Metric("wall_s", "wall", "seconds", "lower", _seconds),
        Metric("user_s", "user", "seconds", "lower", _seconds),
        Metric("kernel_s", "kernel", "seconds", "lower", _seconds),
        Metric("cpu_percent", "CPU", "percent", "higher", _percent, judged=False),
        Metric("peak_rss_bytes", "peak memory", "bytes", "lower", _mebibytes),
        Metric("import_s", "import", "seconds", "lower", _seconds),
        Metric("load_s", "load", "seconds", "lower", _seconds),
        Metric("compile_s", "compile", "seconds", "lower", _seconds),
        Metric("first_call_s", "first call", "seconds", "lower", _milliseconds),
        Metric("rss_after_load_bytes", "memory after load", "bytes", "lower", _mebibytes),
        Metric("artifact_bytes", "artifact", "bytes", "lower", _mebibytes, exact=True),
        Metric("tokenize_s", "tokenize", "seconds", "lower", _seconds),
        Metric("encode_s", "encode", "seconds", "lower", _seconds),
        Metric("pool_s", "pool", "seconds", "lower", _seconds),
        Metric("search_s", "search", "seconds", "lower", _seconds),
        Metric("elapsed_s", "elapsed", "seconds", "lower", _seconds),
        Metric("mean_s", "mean", "seconds", "lower", _milliseconds),
        Metric("median_s", "median", "seconds", "lower", _milliseconds),
        Metric("p90_s", "p90", "seconds", "lower", _milliseconds),
        Metric("p95_s", "p95", "seconds", "lower", _milliseconds),
        Metric("p99_s", "p99", "seconds", "lower", _milliseconds),
        # The percentiles say of a distribution what there is to judge.
        Metric("variance_s2", "variance", "seconds squared", "lower", _variance, judged=False),
        Metric("calls_per_second", "calls per second", "calls / second", "higher", _rate),
        Metric(
            "sentences_per_second", "sentences per second", "sentences / second", "higher", _rate
        ),
        Metric("tokens_per_second", "tokens per second", "tokens / second", "higher", _rate),
        Metric("flop_per_second", "arithmetic", "FLOP / second", "higher", _gflops),
        Metric("gemm_flop_per_second", "GEMM peak", "FLOP / second", "higher", _gflops),
        Metric("hit_rate", "hit rate", "hits / queries", "higher", _fraction, exact=True),
        Metric("ndcg_at_10", "nDCG@10", "gain / ideal", "higher", _fraction, exact=True),
        Metric("recall_at_100", "recall@100", "found / relevant", "higher", _fraction, exact=True),
        Metric("mrr_at_10", "MRR@10", "1 / rank", "higher", _fraction, exact=True),
        # The hit rate says the same.
        Metric("miss_rate", "miss rate", "misses / queries", "lower", _fraction, judged=False),
        # It has a limit of its own, and moves within it by what no ratio shows.
        Metric("cosine_to_reference", "cosine", "cosine", "higher", _cosine, judged=False),
    )
}
