"""What Beam's own query of metrics returns after a pipeline."""

from typing import Any

from apache_beam.metrics import MetricsFilter

from emch.beam.figures import NAMESPACE, Distribution, Metrics


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
