"""A record keeps raw samples, derives the rest from them, and survives its own JSON."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emch.errors import InvalidInput
from emch.records import SCHEMA_VERSION, Record

RECORD = Record(
    task="semantic-search",
    model="all-MiniLM-L6-v2",
    backend="onnxruntime",
    dataset="mini",
    batch_size=16,
    threads=2,
    limit=None,
    queries=120,
    documents=240,
    hits=90,
    cosine_to_reference=0.999999,
    samples={"wall_s": [3.0, 1.0, 2.0], "user_s": [1.0, 2.0], "batch_s": [0.1, 0.2]},
    session={"threads": 2, "precision": "fp32", "provider": "CPU", "library": "onnxruntime 1"},
    artifact={"kind": "onnx", "sha256": "ab"},
    versions={"numpy": "2.4.6"},
    machine={"cpu": "Xeon™", "cpus": 2},
    created="2026-01-01T00:00:00+00:00",
)
NUMBERS = st.floats(0, 1e12)


@given(st.lists(NUMBERS, min_size=1), st.text(), st.one_of(st.none(), st.integers(1, 99)))
def test_json_gives_the_same_record(samples: list[float], cpu: str, limit: int | None) -> None:
    record = replace(RECORD, samples={"wall_s": samples}, machine={"cpu": cpu}, limit=limit)
    line = record.to_json()
    assert "\n" not in line
    assert Record.from_json(line) == record


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("wall_s", 2.0),
        ("user_s", 1.5),
        ("hit_rate", 0.75),
        ("miss_rate", 0.25),
        ("cosine_to_reference", 0.999999),
    ],
)
def test_value_is_counted_or_the_median(metric: str, value: float) -> None:
    assert RECORD.value(metric) == value


def test_metric_that_was_not_measured_is_an_error() -> None:
    with pytest.raises(KeyError, match="load_s"):
        RECORD.value("load_s")


def test_derived_values_stand_beside_their_samples() -> None:
    found = json.loads(RECORD.to_json())
    assert found["samples"]["wall_s"] == [3.0, 1.0, 2.0]
    assert (found["wall_s"], found["user_s"], found["hit_rate"]) == (2.0, 1.5, 0.75)
    assert "batch_s" not in found
    assert found["schema_version"] == SCHEMA_VERSION


def test_derived_values_cannot_be_tampered_with() -> None:
    found = json.loads(RECORD.to_json()) | {"wall_s": 0.001, "hit_rate": 1.0}
    assert Record.from_json(json.dumps(found)) == RECORD


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_written(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        replace(RECORD, cosine_to_reference=number).to_json()


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION + 1, "1", None])
def test_other_schema_version_is_refused_with_both_versions(version: object) -> None:
    line = json.dumps(json.loads(RECORD.to_json()) | {"schema_version": version})
    with pytest.raises(InvalidInput, match=f"schema version {version}; .*{SCHEMA_VERSION}"):
        Record.from_json(line)


@pytest.mark.parametrize(
    "line", ["", "{", "7", "null", "[]", '"text"', "{}", f'{{"schema_version": {SCHEMA_VERSION}}}']
)
def test_garbage_is_no_record(line: str) -> None:
    with pytest.raises(InvalidInput, match="not a record"):
        Record.from_json(line)
