"""The record itself: its fields, its JSON, and what is derived from its rows."""

import json
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from emch.errors import InvalidInput
from emch.metrics import METRICS, PERCENTS
from emch.percentiles import Percentile, percentile
from emch.records.row import Row
from emch.records.schemas import SCHEMA_VERSION, as_of_today


@dataclass(frozen=True, kw_only=True)
class Record:
    """One measurement of a task by a backend.

    Attributes
    ----------
    task, model, backend : str
        The names of the task, the model and the backend.
    parameters : mapping
        The task's parameters: dataset, batch_size and what else it takes.
    options : mapping
        What the session was asked to use; the fields of `Options`.
    rows : sequence of Row
        What was measured, counted and checked, by the names of `METRICS`, and what metrics are
        derived from: `batch_s` and `call_s` have a sample for each call of the engine,
        `ndcg_at_10`, `recall_at_100` and `mrr_at_10` one for each query, and so does `hit`, which
        is 1 where the query's top document is right, and else 0.
    session : mapping
        What the session really used; the fields of `SessionInfo`.
    artifact : mapping
        The kind, the sha256 and the size in bytes of what was loaded.
    versions : mapping of str to str
        Every installed distribution.
    machine : mapping
        The machine's facts.
    created : str
        When, in ISO 8601 and UTC.

    Raises
    ------
    InvalidInput
        Two rows have the same metric and tags.
    """

    task: str
    model: str
    backend: str
    parameters: Mapping[str, Any]
    options: Mapping[str, Any]
    rows: Sequence[Row]
    session: Mapping[str, Any]
    artifact: Mapping[str, Any]
    versions: Mapping[str, str]
    machine: Mapping[str, Any]
    created: str

    def __post_init__(self) -> None:
        found = Counter((row.metric, *sorted(row.tags.items())) for row in self.rows)
        for (metric, *_), count in found.items():
            if count > 1:
                raise InvalidInput(f"a record has {count} rows '{metric}' with the same tags")

    @cached_property
    def samples(self) -> dict[str, list[float]]:
        """What was measured, by name; the samples of several rows follow each other."""
        found: dict[str, list[float]] = {}
        for row in self.rows:
            if row.samples is not None:
                found.setdefault(row.metric, []).extend(row.samples)
        return found

    @cached_property
    def counts(self) -> dict[str, int]:
        """What was counted, by name; the counts of several rows are added."""
        found: dict[str, int] = {}
        for row in self.rows:
            if row.value is not None and row.metric not in METRICS:
                found[row.metric] = found.get(row.metric, 0) + int(row.value)
        return found

    @property
    def cosine_to_reference(self) -> float | None:
        """What the check against the reference found; None where there was none."""
        with suppress(KeyError):
            return self.value("cosine_to_reference")
        return None

    def value(self, metric: str) -> float:
        """Return a metric's value: derived, or the median of the numbers of its rows.

        Raises
        ------
        KeyError
            The record has no such metric.
        """
        if metric in DERIVED:
            return DERIVED[metric](self)
        numbers = [number for row in self.rows if row.metric == metric for number in row.numbers]
        if not numbers:
            raise KeyError(metric)
        return statistics.median(numbers)

    def percentile(self, metric: str) -> Percentile:
        """Return a percentile of the calls with its bound, by a metric of `PERCENTS`.

        Raises
        ------
        KeyError
            The record has no calls.
        """
        return percentile(self.samples["call_s"], PERCENTS[metric])

    def values(self) -> dict[str, float]:
        """Return the value of every metric that the record has, by name."""
        found = {}
        for name in METRICS:
            with suppress(KeyError):
                found[name] = self.value(name)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, the version of their layout, and the value of every metric."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        rows = [row.to_dict() for row in self.rows]
        return {"schema_version": SCHEMA_VERSION, **own, "rows": rows, "values": self.values()}

    def to_json(self) -> str:
        """Return the record as one line of JSON."""
        return json.dumps(self.to_dict(), allow_nan=False, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> "Record":
        """Read what `to_json` wrote, now or in an earlier version; values are derived anew.

        Raises
        ------
        InvalidInput
            It is no record, or one of a schema version that is not known.
        """
        try:
            found = as_of_today(json.loads(line))
            own = {field.name: found[field.name] for field in fields(cls)}
            return cls(**{**own, "rows": [Row(**row) for row in found["rows"]]})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(f"not a record ({type(error).__name__}: {error})") from error


def _mean_of(samples: str) -> Callable[[Record], float]:
    return lambda record: float(np.mean(record.samples[samples]))


def _of_calls(statistic: Callable[[Sequence[float]], Any]) -> Callable[[Record], float]:
    return lambda record: float(statistic(record.samples["call_s"]))


def _percentile(metric: str) -> Callable[[Record], float]:
    """Return what computes a percentile; there is none where the calls do not carry its bound."""

    def compute(record: Record) -> float:
        found = record.percentile(metric)
        if found.bound is None:
            raise KeyError(metric)
        return found.value

    return compute


def _per_second(count: str) -> Callable[[Record], float]:
    """Divide a count by the time that it took; a search counts its encoding alone."""
    return lambda record: (
        record.counts[count]
        / record.value("encode_s" if "encode_s" in record.samples else "elapsed_s")
    )


DERIVED: Mapping[str, Callable[[Record], float]] = {
    "hit_rate": lambda record: record.counts["hits"] / record.counts["queries"],
    "miss_rate": lambda record: 1 - record.counts["hits"] / record.counts["queries"],
    "ndcg_at_10": _mean_of("ndcg_at_10"),
    "recall_at_100": _mean_of("recall_at_100"),
    "mrr_at_10": _mean_of("mrr_at_10"),
    "mean_s": _of_calls(np.mean),
    "median_s": _of_calls(np.median),
    **{metric: _percentile(metric) for metric in PERCENTS},
    "variance_s2": _of_calls(np.var),
    "calls_per_second": _per_second("calls"),
    "achieved_rate": _per_second("requests"),
    "late_share": lambda record: record.counts["late"] / record.counts["requests"],
    "inputs_per_second": _per_second("inputs"),
    "sentences_per_second": _per_second("sentences"),
    "tokens_per_second": _per_second("tokens"),
    "flop_per_second": _per_second("flop"),
    "artifact_bytes": lambda record: float(record.artifact["size"]),
}
"""Metrics that are computed from what a record has, and stored nowhere."""
