"""What Beam's own query of metrics returns after a pipeline, by the names that Beam has for it."""

from dataclasses import asdict, dataclass
from typing import Any

from apache_beam.metrics import MetricsFilter

from emch.beam.handler import NAMESPACE, REFUSED
from emch.beam.pipeline import CPU_MS, PEAK

BATCH_SIZE = "inference_request_batch_size"
BATCH_BYTES = "inference_request_batch_byte_size"
BATCH_LATENCY = "inference_batch_latency_micro_secs"
LOAD_LATENCY = "load_model_latency_milli_secs"
INFERENCES = "num_inferences"
FAILED_BATCHES = "failed_batches_counter"
"""The names that `_MetricsCollector` of apache_beam/ml/inference/base.py gives them, 2.77."""


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


def query(result: Any, namespace: str) -> Metrics:
    """Ask a pipeline that has ended for what RunInference and emch count.

    Parameters
    ----------
    result : PipelineResult
        Beam's.
    namespace : str
        That of RunInference's metrics.
    """
    distributions: dict[str, Distribution] = {}
    counters: dict[str, int] = {}
    for space in (namespace, NAMESPACE):
        found = result.metrics().query(MetricsFilter().with_namespace(space))
        for each in found["counters"]:
            name = each.key.metric.name
            counters[name] = counters.get(name, 0) + each.result
        for each in found["distributions"]:
            value = each.result
            # RunInference is one step, so that a name comes once.
            distributions[each.key.metric.name] = Distribution(
                value.count, value.sum, value.min, value.max
            )
    return Metrics(distributions, counters)


__all__ = ["CPU_MS", "PEAK", "REFUSED", "Distribution", "Metrics", "query"]
