"""The figures that Beam's own benchmarks publish go out under their names too."""

from dataclasses import replace

import pytest

from emch.export.beam_names import as_beam_has_it
from emch.export.influxdb import beam_line, line
from emch.export.rows import from_records
from emch.records.row import counted
from tests.unit.ground.test_records import RECORD

RESNET = replace(
    RECORD,
    task="image-classification",
    model="resnet101 (random weights)",
    backend="pytorch",
    rows=[counted("mean_batch_latency_s", 1.25)],
)
ROWS = {row.metric: row for row in from_records([RESNET], samples=False)}
ROW = ROWS["mean_batch_latency_s"]


@pytest.mark.parametrize(
    ("model", "measurement"),
    [
        ("resnet101 (random weights)", "torch_inference_imagenet_resnet101"),
        ("resnet152", "torch_inference_imagenet_resnet152"),
        ("bert-base-uncased", "torch_language_modeling_bert_base_uncased"),
        ("bert-large-uncased", "torch_language_modeling_bert_large_uncased"),
    ],
)
@pytest.mark.parametrize(
    ("metric", "name", "value"),
    [
        ("mean_requested_batch_size", "inference_request_batch_size", 1.25),
        ("mean_batch_latency_s", "inference_batch_latency_micro_secs", 1.25e6),
        ("mean_model_load_s", "load_model_latency_milli_secs", 1.25e3),
    ],
)
def test_names_are_those_of_beam_s_panels(
    model: str, measurement: str, metric: str, name: str, value: float
) -> None:
    found = as_beam_has_it(replace(ROW, model=model, metric=metric))
    assert found is not None
    assert found.measurement == measurement
    assert found.label == f"BeamML_PyTorch_pytorchruninference/beamml_runinference_mean_{name}"
    assert found.value == pytest.approx(value)


@pytest.mark.parametrize(
    "other", [{"backend": "onnxruntime"}, {"model": "all-MiniLM-L6-v2"}, {"metric": "wall_s"}]
)
def test_what_beam_does_not_publish_has_no_second_line(other: dict[str, str]) -> None:
    assert beam_line(replace(ROW, **other)) is None  # type: ignore[arg-type] # texts alone


def test_line_has_beam_s_tags() -> None:
    found = str(beam_line(ROW))
    head, value, _ = found.rsplit(" ", 2)
    assert head.startswith("torch_inference_imagenet_resnet101,metric=BeamML_PyTorch_")
    assert f",test_id={ROW.run}" in head
    assert value.startswith("value=1250000")
    assert line(ROW).startswith("emch,")
