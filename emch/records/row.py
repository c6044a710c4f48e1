"""A row of a record: one quantity with its unit, as a value or as raw samples."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emch.errors import InvalidInput
from emch.metrics import METRICS

UNITS = {
    "batch_s": "seconds",
    "call_s": "seconds",
    "queries": "queries",
    "documents": "documents",
    "texts": "texts",
    "hits": "hits",
    "hit": "hits",
    "calls": "calls",
    "requests": "requests",
    "items": "items",
    "joules": "joules",
    "late": "requests",
    "unserved": "requests",
    "planned_s": "seconds",
    "sent_s": "seconds",
    "started_s": "seconds",
    "unserved_planned_s": "seconds",
    "stream": "number",
    "together": "requests",
    "sentences": "sentences",
    "tokens": "tokens",
    "flop": "FLOP",
    "compilations": "compilations",
    "inputs": "inputs",
    "answered": "inputs",
    "dead_letters": "inputs",
    "inferences": "inputs",
    "batches": "batches",
    "failed_batches": "batches",
    "refused_batches": "batches",
    "lost_workers": "processes",
    "worker_processes": "processes",
    "batch_inputs": "inputs",
    "batch_bytes": "bytes",
    "requested_batch_size": "inputs",
    "batch_latency_s": "seconds",
    "model_load_s": "seconds",
    "worker_cpu_s": "seconds",
}
"""The units of what metrics are derived from: calls of the engine, and what is counted."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One quantity of a record.

    Attributes
    ----------
    metric : str
        The name of a metric, or of what metrics are derived from.
    unit : str
        The unit of its numbers: for a name that this emch knows the one that it has for it.
    value : float, optional
        What was counted, or what a check found; there is either this or `samples`.
    samples : sequence of float, optional
        What was measured, raw and in order.
    tags : mapping of str to str
        What tells it from other rows of the same metric, or says more of it.

    Raises
    ------
    InvalidInput
        It has both or neither of `value` and `samples`, something that is no finite number among
        them, or another unit than this emch has for the name.
    """

    metric: str
    unit: str
    value: float | None = None
    samples: Sequence[float] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.value is None) == (self.samples is None):
            raise InvalidInput(f"the row '{self.metric}' needs either a value or samples")
        for number in self.numbers:
            if not isinstance(number, int | float) or isinstance(number, bool):
                raise InvalidInput(f"the row '{self.metric}' has {number!r}, which is no number")
            if not math.isfinite(number):
                raise InvalidInput(f"the row '{self.metric}' has {number}, which is not finite")
        known = _known_unit(self.metric)
        if known not in (None, self.unit):
            raise InvalidInput(f"the row '{self.metric}' is in {self.unit}, and should be {known}")

    @property
    def numbers(self) -> Sequence[float]:
        """The samples, or the value alone."""
        return [self.value] if self.value is not None else self.samples or []

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it, with either a value or samples."""
        kind = "samples" if self.value is None else "value"
        found = {"metric": self.metric, "unit": self.unit, kind: getattr(self, kind)}
        return {**found, "tags": dict(self.tags)}


def sampled(metric: str, samples: Sequence[float]) -> Row:
    """Return the row of what was measured, in the unit that this emch has for it."""
    return Row(metric=metric, unit=unit_of(metric), samples=samples)


def counted(metric: str, value: float) -> Row:
    """Return the row of what was counted, in the unit that this emch has for it."""
    return Row(metric=metric, unit=unit_of(metric), value=value)


def checked(cosine: float, artifact: Mapping[str, Any]) -> Row:
    """Return the row of the least cosine to the reference, tagged with who made that, if known."""
    reference = artifact.get("reference")
    tags = {"reference": str(reference)} if reference else {}
    metric = "cosine_to_reference"
    return Row(metric=metric, unit=unit_of(metric), value=cosine, tags=tags)


def unit_of(name: str) -> str:
    """Return the unit of a metric, or of what metrics are derived from.

    Raises
    ------
    InvalidInput
        There is no such name.
    """
    unit = _known_unit(name)
    if unit is None:
        raise InvalidInput(f"no unit is known for '{name}': add it to emch/records/row.py")
    return unit


def _known_unit(name: str) -> str | None:
    return METRICS[name].unit if name in METRICS else UNITS.get(name)
