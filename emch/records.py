"""The record: raw samples of one measurement with everything needed to repeat it."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from emch.errors import InvalidInput
from emch.metrics import METRICS

SCHEMA_VERSION = 2


@dataclass(frozen=True, kw_only=True)
class Record:
    """One measurement of a task by a backend.

    Attributes
    ----------
    task, model, backend : str
        What was run.
    parameters : mapping
        The task's parameters: dataset, batch_size and what else it takes.
    options : mapping
        What the session was asked to use; the fields of `Options`.
    counts : mapping of str to int
        What was counted: queries, documents, hits, calls, sentences, tokens, flop, compilations.
    cosine_to_reference : float
        The least cosine between the session's and the reference embeddings of the probes.
    samples : mapping of str to sequence of float
        Raw values by the name of the metric, in seconds, bytes or percent as the name says;
        `batch_s` and `call_s` have one for each call of the engine, `ndcg_at_10`,
        `recall_at_100` and `mrr_at_10` one for each query.
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
    schema_version : int
        The version of this layout.
    """

    task: str
    model: str
    backend: str
    parameters: Mapping[str, Any]
    options: Mapping[str, Any]
    counts: Mapping[str, int]
    cosine_to_reference: float
    samples: Mapping[str, Sequence[float]]
    session: Mapping[str, Any]
    artifact: Mapping[str, Any]
    versions: Mapping[str, str]
    machine: Mapping[str, Any]
    created: str
    schema_version: int = SCHEMA_VERSION

    def value(self, metric: str) -> float:
        """Return a metric's value: derived, or the median of its samples.

        Raises
        ------
        KeyError
            The record has no such metric.
        """
        if metric in DERIVED:
            return DERIVED[metric](self)
        return statistics.median(self.samples[metric])

    def values(self) -> dict[str, float]:
        """Return the value of every metric that the record has, by name."""
        found = {}
        for name in METRICS:
            with suppress(KeyError):
                found[name] = self.value(name)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return all fields; and beside them, flat, what they hold and every metric's value."""
        flat = {**self.options, **self.parameters, **self.counts, **self.values()}
        return {**flat, **asdict(self)}

    def to_json(self) -> str:
        """Return the record as one line of JSON."""
        return json.dumps(self.to_dict(), allow_nan=False, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> "Record":
        """Read what `to_json` wrote.

        Raises
        ------
        InvalidInput
            It is no record, or one of another schema version.
        """
        try:
            found = json.loads(line)
            version = found["schema_version"]
            if version != SCHEMA_VERSION:
                raise InvalidInput(
                    f"a record of schema version {version}; this emch reads {SCHEMA_VERSION}"
                )
            return cls(**{field.name: found[field.name] for field in fields(cls)})
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(f"not a record ({type(error).__name__}: {error})") from error


def _mean_of(samples: str) -> Callable[[Record], float]:
    return lambda record: float(np.mean(record.samples[samples]))


def _of_calls(statistic: Callable[[Sequence[float]], Any]) -> Callable[[Record], float]:
    return lambda record: float(statistic(record.samples["call_s"]))


def _percentile(percent: float) -> Callable[[Record], float]:
    return _of_calls(lambda calls: np.percentile(calls, percent))


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
    "median_s": _percentile(50),
    "p90_s": _percentile(90),
    "p95_s": _percentile(95),
    "p99_s": _percentile(99),
    "variance_s2": _of_calls(np.var),
    "calls_per_second": _per_second("calls"),
    "sentences_per_second": _per_second("sentences"),
    "tokens_per_second": _per_second("tokens"),
    "flop_per_second": _per_second("flop"),
    "artifact_bytes": lambda record: float(record.artifact["size"]),
    "cosine_to_reference": lambda record: record.cosine_to_reference,
}
"""Metrics that are computed from what a record has, and stored nowhere."""
