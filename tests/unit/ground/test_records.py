"""A record keeps raw samples, derives the rest from them, and survives its own JSON."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emch.errors import InvalidInput
from emch.metrics import METRICS
from emch.records import DERIVED, SCHEMA_VERSION, Record

RECORD = Record(
    task="semantic-search",
    model="all-MiniLM-L6-v2",
    backend="onnxruntime",
    parameters={"dataset": "mini", "batch_size": 16, "data": None, "limit": None},
    options={
        "threads": 2,
        "streams": 1,
        "device": "cpu",
        "provider": None,
        "optimization": None,
    },
    counts={"queries": 120, "documents": 240, "hits": 90, "tokens": 4000},
    cosine_to_reference=0.999999,
    samples={"wall_s": [3.0, 1.0, 2.0], "user_s": [1.0, 2.0], "batch_s": [0.1, 0.2]},
    session={"threads": 2, "precision": "fp32", "provider": "CPU", "library": "onnxruntime 1"},
    artifact={"kind": "onnx", "sha256": "ab", "size": 90_000_000},
    versions={"numpy": "2.4.6"},
    machine={"cpu": "Xeon™", "cpus": 2},
    created="2026-01-01T00:00:00+00:00",
)
CALLS = [0.004, 0.001, 0.100, 0.003, 0.002]
CALLED = replace(
    RECORD,
    task="sentence-encoding",
    parameters={"dataset": "sentences-16", "batch_size": 2},
    counts={"calls": 5, "sentences": 10, "tokens": 160},
    samples={"call_s": CALLS, "elapsed_s": [0.2]},
)
NUMBERS = st.floats(0, 1e12)
SECONDS = st.floats(1e-6, 1e3)


@given(st.lists(NUMBERS, min_size=1), st.text(), st.one_of(st.none(), st.integers(1, 99)))
def test_json_gives_the_same_record(samples: list[float], cpu: str, limit: int | None) -> None:
    record = replace(
        RECORD,
        samples={"wall_s": samples},
        machine={"cpu": cpu},
        parameters={**RECORD.parameters, "limit": limit},
    )
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
        ("artifact_bytes", 90_000_000),
    ],
)
def test_value_is_counted_or_the_median(metric: str, value: float) -> None:
    assert RECORD.value(metric) == value


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("mean_s", 0.022),
        ("median_s", 0.003),
        # Between the 4th and the 5th of the sorted samples: 4 ms, and 60, 80 or 96 % of 96 ms more.
        ("p90_s", 0.0616),
        ("p95_s", 0.0808),
        ("p99_s", 0.09616),
        ("variance_s2", 0.001522),
        ("calls_per_second", 25),
        ("sentences_per_second", 50),
        ("tokens_per_second", 800),
    ],
)
def test_calls_have_a_distribution_and_rates(metric: str, value: float) -> None:
    assert CALLED.value(metric) == pytest.approx(value, rel=1e-9)


@given(st.lists(SECONDS, min_size=1, max_size=40))
def test_percentiles_are_those_of_numpy(calls: list[float]) -> None:
    record = replace(CALLED, samples={"call_s": calls, "elapsed_s": [sum(calls)]})
    for percent, metric in ((50, "median_s"), (90, "p90_s"), (95, "p95_s"), (99, "p99_s")):
        assert record.value(metric) == np.percentile(calls, percent)
    assert record.value("mean_s") == np.mean(calls)
    assert record.value("variance_s2") == np.var(calls)
    assert record.value("median_s") <= record.value("p90_s") <= record.value("p99_s") <= max(calls)


def test_rate_is_over_the_elapsed_time_and_not_over_the_calls_of_all_callers() -> None:
    two_callers = replace(CALLED, samples={"call_s": [1.0, 1.0], "elapsed_s": [1.0]})
    assert two_callers.value("calls_per_second") == 5


def test_metrics_of_rankings_are_the_means_over_the_queries() -> None:
    of_queries = {"ndcg_at_10": [1.0, 0.5], "recall_at_100": [1.0, 0.0], "mrr_at_10": [0.25, 0.0]}
    record = replace(RECORD, samples=RECORD.samples | of_queries)
    found = json.loads(record.to_json())
    assert (found["ndcg_at_10"], found["recall_at_100"], found["mrr_at_10"]) == (0.75, 0.5, 0.125)
    assert found["samples"]["ndcg_at_10"] == [1.0, 0.5]


def test_search_counts_the_time_of_its_encoding_alone() -> None:
    record = replace(RECORD, samples={"wall_s": [9.0], "encode_s": [2.0], "elapsed_s": [5.0]})
    assert record.value("tokens_per_second") == 2000


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (
            RECORD,
            {
                "wall_s",
                "user_s",
                "artifact_bytes",
                "hit_rate",
                "miss_rate",
                "cosine_to_reference",
            },
        ),
        (
            CALLED,
            {
                "elapsed_s",
                "mean_s",
                "median_s",
                "p90_s",
                "p95_s",
                "p99_s",
                "variance_s2",
                "calls_per_second",
                "sentences_per_second",
                "tokens_per_second",
                "artifact_bytes",
                "cosine_to_reference",
            },
        ),
        (
            replace(RECORD, counts={}, samples={"first_call_s": [0.1]}),
            {"first_call_s", "artifact_bytes", "cosine_to_reference"},
        ),
    ],
    ids=["search", "calls", "startup"],
)
def test_values_are_of_what_was_measured_and_nothing_else(record: Record, names: set[str]) -> None:
    values = record.values()
    assert values.keys() == names
    assert list(values) == [name for name in METRICS if name in names]
    assert values == {name: record.value(name) for name in names}


def test_every_derived_value_is_a_metric() -> None:
    assert DERIVED.keys() <= METRICS.keys()


@pytest.mark.parametrize("metric", ["load_s", "p99_s", "tokens_per_second", "nonsense"])
def test_metric_that_was_not_measured_is_an_error(metric: str) -> None:
    with pytest.raises(KeyError):
        RECORD.value(metric)


def test_derived_values_stand_beside_their_samples() -> None:
    found = json.loads(RECORD.to_json())
    assert found["samples"]["wall_s"] == [3.0, 1.0, 2.0]
    assert (found["wall_s"], found["user_s"], found["hit_rate"]) == (2.0, 1.5, 0.75)
    assert "batch_s" not in found
    assert found["schema_version"] == SCHEMA_VERSION


@pytest.mark.parametrize("part", ["parameters", "options", "counts"])
def test_parts_stand_flat_beside_themselves(part: str) -> None:
    found = json.loads(RECORD.to_json())
    assert found[part] == getattr(RECORD, part)
    assert found.items() >= found[part].items()


@pytest.mark.parametrize("field", ["backend", "session", "samples", "schema_version"])
def test_field_is_never_hidden_by_a_parameter_of_its_name(field: str) -> None:
    record = replace(RECORD, parameters={**RECORD.parameters, field: "hidden"})
    assert json.loads(record.to_json())[field] == json.loads(RECORD.to_json())[field]
    assert Record.from_json(record.to_json()) == record


def test_derived_values_cannot_be_tampered_with() -> None:
    found = json.loads(RECORD.to_json()) | {"wall_s": 0.001, "hit_rate": 1.0, "hits": 120}
    assert Record.from_json(json.dumps(found)) == RECORD


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_written(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        replace(RECORD, cosine_to_reference=number).to_json()


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION - 1, SCHEMA_VERSION + 1, "1", None])
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
