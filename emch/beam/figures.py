"""Beam's metrics of a pipeline and ours, by their names."""

from dataclasses import asdict, dataclass
from typing import Any

BATCH_SIZE = "inference_request_batch_size"
BATCH_BYTES = "inference_request_batch_byte_size"
BATCH_LATENCY = "inference_batch_latency_micro_secs"
LOAD_LATENCY = "load_model_latency_milli_secs"
INFERENCES = "num_inferences"
FAILED_BATCHES = "failed_batches_counter"
"""The names that `_MetricsCollector` of apache_beam/ml/inference/base.py gives them, 2.77."""

REFUSED = "refused_batches"
"""Calls that an engine refused: each is halved, and of one input it is a dead letter."""

CPU_MS = "worker_cpu_milli_secs"
PEAK = "worker_peak_rss_bytes"
NAMESPACE = "emch"
"""That of our own metrics."""


@dataclass(frozen=True)
class Distribution:
    """What Beam keeps of a distribution; it keeps whole numbers, and no percentiles."""

    count: int
    sum: int
    min: int
    max: int

    @property
    def mean(self) -> float:
        """The sum over the count."""
        return self.sum / self.count


@dataclass(frozen=True)
class Metrics:
    """The metrics of a pipeline.

    Attributes
    ----------
    distributions : dict of str to Distribution
        By Beam's name.
    counters : dict of str to int
        By Beam's name, and by ours; what never happened is not there.
    """

    distributions: dict[str, Distribution]
    counters: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> "Metrics":
        """Read what `to_dict` returned."""
        distributions = {
            name: Distribution(**values) for name, values in found["distributions"].items()
        }
        return cls(distributions, dict(found["counters"]))
