"""The names under which Apache Beam's own benchmarks publish, so that panels made for them work.

The measurements are those of Beam's dashboard "Python ML RunInference Benchmark Tests", the labels
what apache_beam/testing/load_tests/load_test_metrics_utils.py (2.77) makes of a metric: namespace,
step, statistic, name.
"""

from dataclasses import dataclass

from emch.export.rows import ExportRow

MEASUREMENTS = {
    "resnet101": "torch_inference_imagenet_resnet101",
    "resnet152": "torch_inference_imagenet_resnet152",
    "bert-base-uncased": "torch_language_modeling_bert_base_uncased",
    "bert-large-uncased": "torch_language_modeling_bert_large_uncased",
}
LABEL = "BeamML_PyTorch_pytorchruninference/beamml_runinference_mean_{}"
NAMES = {
    "mean_requested_batch_size": ("inference_request_batch_size", 1.0),
    "mean_batch_latency_s": ("inference_batch_latency_micro_secs", 1e6),
    "mean_model_load_s": ("load_model_latency_milli_secs", 1e3),
}
"""Beam's names by ours, with the factor from our unit to Beam's."""


@dataclass(frozen=True)
class BeamFigure:
    """A figure as Beam would publish it: a measurement, the tag `metric`, and a value."""

    measurement: str
    label: str
    value: float


def as_beam_has_it(row: ExportRow) -> BeamFigure | None:
    """Return a row under Beam's names; None where Beam publishes no such figure.

    Beam's benchmarks are of PyTorch: those of other backends would mix with them in its panels.
    """
    model = (row.model or "").partition(" ")[0]  # behind it there may be a word on its weights
    if row.backend != "pytorch" or row.metric not in NAMES or model not in MEASUREMENTS:
        return None
    name, factor = NAMES[row.metric]
    return BeamFigure(MEASUREMENTS[model], LABEL.format(name), row.value * factor)
