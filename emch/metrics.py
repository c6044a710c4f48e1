"""The one table of metrics: name, unit, direction, who shows it, and how to print a value.

All else that needs such a fact takes it from here: records, trackers, tables, and the pages of the
site by data.json. What asv.conf.json says of directions is held to this table by a test.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple


class Step(NamedTuple):
    """How values from a least one on are printed: so many times the value, and a word behind it.

    Attributes
    ----------
    least : float
        The absolute value from which on it holds.
    times : float
        The factor from the stored unit to the one that is printed.
    word : str
        The unit that is printed; empty where the words beside the value have it already.
    decimals : int or None
        Digits after the point; None stands for three significant digits.
    """

    least: float
    times: float
    word: str
    decimals: int | None


@dataclass(frozen=True)
class Metric:
    """A measured quantity.

    Attributes
    ----------
    name : str
        The field's name in records and JSON; it ends in its unit where it has one.
    label : str
        The words for it, above a column or in a list.
    unit : str
        The unit of the stored value, as asv shows it.
    better : {"lower", "higher"}
        The direction of an improvement.
    steps : tuple of Step
        How a value is printed: by the first step that it reaches, else by the last.
    trackers : tuple of str
        The methods of asv's benchmark classes that give it.
    short : str
        The words for it where there is little room; empty where that is the label.
    exact : bool
        Whether it has no noise, so that every change matters.
    judged : bool
        Whether a change of it is better or worse by itself.
    """

    name: str
    label: str
    unit: str
    better: Literal["lower", "higher"]
    steps: tuple[Step, ...]
    trackers: tuple[str, ...] = ()
    short: str = ""
    exact: bool = False
    judged: bool = True

    @property
    def heading(self) -> str:
        """The words above a column of a wide table."""
        return self.short or self.label

    def show(self, value: float) -> str:
        """Return a value for people."""
        reached = (step for step in self.steps if abs(value) >= step.least)
        step = next(reached, self.steps[-1])
        number = value * step.times
        text = f"{number:.3g}" if step.decimals is None else f"{number:,.{step.decimals}f}"
        return f"{text} {step.word}".rstrip()

    def to_dict(self) -> dict[str, Any]:
        """Return what the pages of the site need to show it."""
        return {
            "label": self.label,
            "unit": self.unit,
            "better": self.better,
            "steps": [list(step) for step in self.steps],
        }


_SECONDS = (Step(1, 1, "s", 2), Step(0, 1e3, "ms", 0))
_MILLISECONDS = (Step(0, 1e3, "ms", 2),)
_BYTES = (Step(0, 2**-20, "MiB", 0),)
_PERCENT = (Step(0, 1, "%", 0),)
_RATE = (Step(0, 1, "", 1),)
_FLOPS = (Step(0, 1e-9, "GFLOP/s", 0),)
_FRACTION = (Step(0, 1, "", 4),)
_SHARE = (Step(0, 1e2, "%", 2),)
_VARIANCE = (Step(0, 1, "s²", None),)
_COSINE = (Step(0, 1, "", 6),)


def _time(name: str, label: str, *trackers: str, short: str = "") -> Metric:
    return Metric(name, label, "seconds", "lower", _SECONDS, trackers, short)


def _call(name: str, label: str, *trackers: str, short: str = "") -> Metric:
    return Metric(name, label, "seconds", "lower", _MILLISECONDS, trackers, short)


def _memory(name: str, label: str, *trackers: str, exact: bool = False) -> Metric:
    return Metric(name, label, "bytes", "lower", _BYTES, trackers, exact=exact)


def _rate(name: str, label: str, *trackers: str, short: str = "") -> Metric:
    unit = label.replace(" per ", " / ")
    return Metric(name, label, unit, "higher", _RATE, trackers, short)


def _arithmetic(name: str, label: str, *trackers: str) -> Metric:
    return Metric(name, label, "FLOP / second", "higher", _FLOPS, trackers)


def _score(name: str, label: str, unit: str, *trackers: str) -> Metric:
    return Metric(name, label, unit, "higher", _FRACTION, trackers, exact=True)


TABLE = (
    _time("wall_s", "wall", "track_wall"),
    _time("user_s", "user", "track_user"),
    _time("kernel_s", "kernel", "track_kernel"),
    Metric(
        "cpu_percent", "CPU", "percent", "higher", _PERCENT, ("track_cpu_percent",), judged=False
    ),
    _memory("peak_rss_bytes", "peak memory", "track_peak_memory", "peakmem_search"),
    _time("import_s", "import", "track_import"),
    _time("load_s", "load", "track_load"),
    _time("compile_s", "compile"),
    _call("first_call_s", "first call", "track_first_call"),
    _memory("rss_after_load_bytes", "memory after load", "track_memory_after_load"),
    _memory("artifact_bytes", "artifact", "track_artifact_size", exact=True),
    _time("tokenize_s", "tokenize"),
    _time("encode_s", "encode", "track_encode"),
    _time("pool_s", "pool"),
    _time("search_s", "search"),
    _time("elapsed_s", "elapsed", "time_search"),
    _call("mean_s", "mean", "track_mean"),
    _call("median_s", "median", "track_latency", "time_batch", short="p50"),
    _call("p90_s", "p90", "track_p90"),
    _call("p95_s", "p95", "track_p95"),
    _call("p99_s", "p99", "track_p99"),
    # The percentiles say of a distribution what there is to judge.
    Metric(
        "variance_s2", "variance", "seconds squared", "lower", _VARIANCE, ("track_variance",),
        judged=False,
    ),
    _rate("calls_per_second", "calls per second"),
    # It is what was asked for; the achieved rate is what came of it.
    Metric(
        "offered_rate", "offered rate", "requests / second", "higher", _RATE,
        ("track_offered_rate",), judged=False,
    ),
    Metric(
        "achieved_rate", "achieved rate", "requests / second", "higher", _RATE,
        ("track_achieved_rate",),
    ),
    # It says how far the load generator kept its plan, and nothing of the backend.
    Metric(
        "late_share", "late share", "late / requests", "lower", _SHARE, ("track_late_share",),
        judged=False,
    ),
    # Apache Beam's benchmarks of RunInference publish these. The size is what was asked for.
    Metric(
        "mean_requested_batch_size", "mean batch size", "inputs / batch", "higher", _RATE,
        ("track_mean_requested_batch_size",), judged=False,
    ),
    _call("mean_batch_latency_s", "mean batch latency", "track_mean_batch_latency"),
    _time("mean_model_load_s", "mean model load", "track_mean_model_load"),
    _rate("inputs_per_second", "inputs per second", "track_inputs_per_second"),
    _rate(
        "sentences_per_second", "sentences per second", "track_sentences_per_second", "track_qps"
    ),
    _rate("tokens_per_second", "tokens per second", "track_tokens_per_second", short="tokens/s"),
    _arithmetic("flop_per_second", "arithmetic", "track_flop_per_second"),
    _arithmetic("gemm_flop_per_second", "GEMM peak", "track_gemm_flop_per_second"),
    _score("hit_rate", "hit rate", "hits / queries", "track_hitrate"),
    _score("ndcg_at_10", "nDCG@10", "gain / ideal"),
    _score("recall_at_100", "recall@100", "found / relevant"),
    _score("mrr_at_10", "MRR@10", "1 / rank"),
    # The hit rate says the same.
    Metric(
        "miss_rate", "miss rate", "misses / queries", "lower", _FRACTION, ("track_missrate",),
        judged=False,
    ),
    # It has a limit of its own, and moves within it by what no ratio shows.
    Metric(
        "cosine_to_reference", "cosine", "cosine", "higher", _COSINE, ("track_cosine",),
        judged=False,
    ),
)  # fmt: skip
"""All metrics, in the order in which they are shown."""

PERCENTS = {"p90_s": 90, "p95_s": 95, "p99_s": 99}
"""The percentiles that need many calls, by their metrics; see `emch.percentiles`."""

METRICS = {metric.name: metric for metric in TABLE}

_METRIC_OF = {tracker: metric.name for metric in TABLE for tracker in metric.trackers}


def metric_of(benchmark: str) -> str:
    """Return the metric of a benchmark by asv's full name; one that is not ours is its own."""
    return _METRIC_OF.get(benchmark.rpartition(".")[2], benchmark)
