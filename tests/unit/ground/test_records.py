"""A record keeps raw samples, derives the rest from them, and survives its own JSON."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emch.errors import InvalidInput
from emch.metrics import METRICS, PERCENTS
from emch.percentiles import samples_needed
from emch.records import SCHEMA_VERSION, Record, Row
from emch.records.record import DERIVED
from emch.records.row import checked, counted, sampled

EARLIER = sorted((Path(__file__).parent / "records").glob("*.json"))
"""Records of earlier layouts; a file beside them says where they are from."""


def rows_of(**numbers: Any) -> list[Row]:
    """Return a row of samples for each list, and one of a count for each number."""
    return [
        sampled(name, found) if isinstance(found, list) else counted(name, found)
        for name, found in numbers.items()
    ]


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
    rows=[
        *rows_of(queries=120, documents=240, hits=90, tokens=4000),
        *rows_of(wall_s=[3.0, 1.0, 2.0], user_s=[1.0, 2.0], batch_s=[0.1, 0.2]),
        checked(0.999999, {"reference": "sentence-transformers 5"}),
    ],
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
    rows=rows_of(calls=5, sentences=10, tokens=160, call_s=CALLS, elapsed_s=[0.2]),
)
NUMBERS = st.floats(0, 1e12)
SECONDS = st.floats(1e-6, 1e3)


@given(st.lists(NUMBERS, min_size=1), st.text(), st.one_of(st.none(), st.integers(1, 99)))
def test_json_gives_the_same_record(samples: list[float], cpu: str, limit: int | None) -> None:
    record = replace(
        RECORD,
        rows=rows_of(wall_s=samples),
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
        ("variance_s2", 0.001522),
        ("calls_per_second", 25),
        ("sentences_per_second", 50),
        ("tokens_per_second", 800),
    ],
)
def test_calls_have_a_distribution_and_rates(metric: str, value: float) -> None:
    assert CALLED.value(metric) == pytest.approx(value, rel=1e-9)


@given(st.lists(SECONDS, min_size=1, max_size=40))
def test_figures_of_calls_are_those_of_numpy(calls: list[float]) -> None:
    record = replace(CALLED, rows=rows_of(call_s=calls, elapsed_s=[sum(calls)]))
    assert record.value("median_s") == np.median(calls)
    assert record.value("mean_s") == np.mean(calls)
    assert record.value("variance_s2") == np.var(calls)


@pytest.mark.parametrize(("metric", "percent", "needed"), [("p90_s", 90, 44), ("p99_s", 99, 459)])
def test_percentile_is_there_where_the_calls_carry_its_bound(
    metric: str, percent: int, needed: int
) -> None:
    calls = np.random.default_rng(7).random(needed).tolist()
    record = replace(CALLED, rows=rows_of(call_s=calls, elapsed_s=[sum(calls)]))
    assert record.value(metric) == pytest.approx(np.percentile(calls, percent))
    assert record.percentile(metric).bound == max(calls)
    fewer = replace(CALLED, rows=rows_of(call_s=calls[1:], elapsed_s=[sum(calls)]))
    assert metric not in fewer.values()


def test_rate_is_over_the_elapsed_time_and_not_over_the_calls_of_all_callers() -> None:
    two_callers = replace(CALLED, rows=rows_of(calls=5, call_s=[1.0, 1.0], elapsed_s=[1.0]))
    assert two_callers.value("calls_per_second") == 5


def test_metrics_of_rankings_are_the_means_over_the_queries() -> None:
    of_queries = {"ndcg_at_10": [1.0, 0.5], "recall_at_100": [1.0, 0.0], "mrr_at_10": [0.25, 0.0]}
    values = replace(RECORD, rows=rows_of(**of_queries)).values()
    assert [values[name] for name in of_queries] == [0.75, 0.5, 0.125]


def test_search_counts_the_time_of_its_encoding_alone() -> None:
    times = {"wall_s": [9.0], "encode_s": [2.0], "elapsed_s": [5.0]}
    record = replace(RECORD, rows=rows_of(tokens=4000, **times))
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
                "variance_s2",
                "calls_per_second",
                "sentences_per_second",
                "tokens_per_second",
                "artifact_bytes",
            },
        ),
        (
            replace(RECORD, rows=rows_of(first_call_s=[0.1])),
            {"first_call_s", "artifact_bytes"},
        ),
    ],
    ids=["search", "calls", "startup"],
)
def test_values_are_of_what_was_measured_and_nothing_else(record: Record, names: set[str]) -> None:
    values = record.values()
    assert values.keys() == names
    assert list(values) == [name for name in METRICS if name in names]
    assert values == {name: record.value(name) for name in names}


def test_requests_have_an_achieved_rate_and_a_share_that_was_late() -> None:
    rows = rows_of(requests=5, late=1, call_s=CALLS, elapsed_s=[0.2], offered_rate=[25.0])
    values = replace(CALLED, task="under-load", rows=rows).values()
    assert values["offered_rate"] == values["achieved_rate"] == 25.0
    assert values["late_share"] == 0.2
    assert "calls_per_second" not in values


def test_every_derived_value_is_a_metric() -> None:
    assert DERIVED.keys() <= METRICS.keys()


@pytest.mark.parametrize("metric", ["load_s", "p99_s", "tokens_per_second", "nonsense"])
def test_metric_that_was_not_measured_is_an_error(metric: str) -> None:
    with pytest.raises(KeyError):
        RECORD.value(metric)


def test_json_has_a_namespace_for_each_thing() -> None:
    record = replace(RECORD, parameters={"wall_s": "theirs", "rows": 1}, options={"hits": 7})
    found = json.loads(record.to_json())
    assert found.keys() == {field.name for field in fields(Record)} | {"schema_version", "values"}
    assert found["schema_version"] == SCHEMA_VERSION
    assert (found["parameters"], found["options"]) == (record.parameters, record.options)
    assert found["values"] == RECORD.values()
    assert Record.from_json(record.to_json()) == record


def test_row_says_what_it_is_in_which_unit() -> None:
    rows = {row.metric: row.to_dict() for row in RECORD.rows}
    assert rows["hits"] == {"metric": "hits", "unit": "hits", "value": 90, "tags": {}}
    assert rows["user_s"] == {
        "metric": "user_s", "unit": "seconds", "samples": [1.0, 2.0], "tags": {},
    }  # fmt: skip
    assert rows["cosine_to_reference"]["tags"] == {"reference": "sentence-transformers 5"}


def test_record_of_a_task_without_a_reference_has_no_check() -> None:
    assert RECORD.cosine_to_reference == 0.999999
    assert CALLED.cosine_to_reference is None
    assert Record.from_json(CALLED.to_json()) == CALLED


def test_two_rows_of_one_name_are_refused_and_none_is_lost() -> None:
    with pytest.raises(InvalidInput, match="2 rows 'wall_s' with the same tags"):
        replace(RECORD, rows=[*RECORD.rows, *rows_of(wall_s=[0.5])])


def test_rows_that_tags_tell_apart_belong_together() -> None:
    callers = [
        Row(metric="call_s", unit="seconds", samples=calls, tags={"caller": str(place)})
        for place, calls in enumerate(([0.1, 0.3], [0.2]))
    ]
    queries = [replace(counted("queries", 5), tags={"split": split}) for split in ("a", "b")]
    record = replace(RECORD, rows=[*callers, *queries])
    assert record.samples == {"call_s": [0.1, 0.3, 0.2]}
    assert record.counts == {"queries": 10}
    assert record.value("median_s") == 0.2
    assert Record.from_json(record.to_json()) == record


def test_derived_values_cannot_be_tampered_with() -> None:
    found = json.loads(RECORD.to_json()) | {"values": {"wall_s": 0.001, "hit_rate": 1.0}}
    assert Record.from_json(json.dumps(found)) == RECORD


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"metric": "wall_s", "unit": "seconds"}, "either a value or samples"),
        ({"metric": "hits", "unit": "hits", "value": 1, "samples": [1]}, "either a value or"),
        ({"metric": "wall_s", "unit": "milliseconds", "samples": [1.0]}, "should be seconds"),
        ({"metric": "hits", "unit": "hits", "value": True}, "True, which is no number"),
        ({"metric": "wall_s", "unit": "seconds", "samples": ["1"]}, "'1', which is no number"),
        ({"metric": "wall_s", "unit": "seconds", "samples": [float("nan")]}, "not finite"),
        ({"metric": "wall_s", "unit": "seconds", "samples": [float("inf")]}, "not finite"),
        ({"metric": "wall_s", "unit": "seconds", "samples": 1.0}, "not a record"),
        ({"metric": "wall_s", "samples": [1.0]}, "not a record"),
        ({"metric": "wall_s", "unit": "seconds", "samples": [1.0], "tags": [1]}, "not a record"),
        ({"metric": "wall_s", "unit": "seconds", "samples": [1.0], "odd": 1}, "not a record"),
    ],
)
def test_row_that_is_not_whole_is_refused(row: dict[str, object], words: str) -> None:
    line = json.dumps(json.loads(RECORD.to_json()) | {"rows": [row]})
    with pytest.raises(InvalidInput, match=words):
        Record.from_json(line)


def test_row_of_a_later_emch_keeps_its_unit_and_a_new_one_of_ours_needs_one() -> None:
    later = Row(metric="degrees", unit="K", samples=[1.0])
    record = replace(RECORD, rows=[*RECORD.rows, later])
    assert Record.from_json(record.to_json()).rows[-1] == later
    with pytest.raises(InvalidInput, match="no unit is known for 'degrees'"):
        sampled("degrees", [1.0])


@pytest.mark.parametrize("path", EARLIER, ids=lambda path: path.stem)
def test_record_of_an_earlier_layout_is_read(path: Path) -> None:
    line = path.read_text(encoding="utf-8")
    written, record = json.loads(line), Record.from_json(line)
    assert record.samples == written["samples"]
    assert record.cosine_to_reference == written["cosine_to_reference"]
    values = record.values()
    assert len(written.keys() & METRICS.keys()) > 10
    for name in written.keys() & METRICS.keys():
        if name in PERCENTS and len(record.samples["call_s"]) < samples_needed(PERCENTS[name]):
            assert name not in values  # it was written before a percentile needed a bound
        else:
            assert values[name] == written[name]
    everything = record.parameters | record.options | record.counts
    named = {"dataset", "batch_size", "limit", "threads", "queries", "documents", "hits"}
    assert {name: everything[name] for name in named & written.keys()} == {
        name: written[name] for name in named & written.keys()
    }
    for name in ("task", "backend", "session", "artifact", "versions", "machine", "created"):
        assert getattr(record, name) == written[name]
    assert Record.from_json(record.to_json()) == record


def test_every_earlier_layout_has_a_file() -> None:
    found = {json.loads(path.read_text())["schema_version"] for path in EARLIER}
    assert found == set(range(1, SCHEMA_VERSION))


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION + 1, "1", None])
def test_other_schema_version_is_refused_with_those_that_are_read(version: object) -> None:
    line = json.dumps(json.loads(RECORD.to_json()) | {"schema_version": version})
    with pytest.raises(InvalidInput, match=f"schema version {version}; .*1, 2 and 3"):
        Record.from_json(line)


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "7", "null", "[]", '"text"', "{}",
        *(f'{{"schema_version": {version}}}' for version in range(1, SCHEMA_VERSION + 1)),
    ],
)  # fmt: skip
def test_garbage_is_no_record(line: str) -> None:
    with pytest.raises(InvalidInput, match="not a record"):
        Record.from_json(line)
