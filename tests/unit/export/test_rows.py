"""Each figure has a row, under one schema, with a key that stays and that no other has."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emch.errors import InvalidInput
from emch.export.rows import COLUMNS, ExportRow, from_figures, from_records
from emch.tracking.results import Figure
from tests.unit.ground.test_records import RECORD, rows_of

FIGURE = Figure(
    machine="milan",
    stack="current",
    commit="ab" * 20,
    date=1_700_000_000_123,
    benchmark="semantic_search.WholeProcess.track_wall",
    params={"dataset": "mini", "backend": "onnxruntime", "batch_size": "16"},
    value=2.5,
    samples=(2.0, 2.5, 3.0),
    interval=None,
    requirements={},
    cpus=2,
)


def rows(*figures: Figure, samples: bool = False, **units: str) -> list[ExportRow]:
    return list(from_figures(figures, units, samples=samples))


def test_figure_of_asv_is_a_row() -> None:
    [row] = rows(FIGURE)
    assert (row.source, row.machine, row.stack, row.commit) == (
        ("asv", "milan", "current", "ab" * 20)
    )
    assert row.time == datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC)
    assert (row.backend, row.dataset, row.batch_size, row.threads) == (
        ("onnxruntime", "mini", 16, None)
    )
    assert (row.metric, row.unit, row.value, row.sample) == ("wall_s", "seconds", 2.5, None)
    assert row.parameters == "{}"


def test_samples_follow_their_figure_on_demand() -> None:
    found = rows(FIGURE, samples=True)
    assert [(row.sample, row.value) for row in found] == [(None, 2.5), (0, 2), (1, 2.5), (2, 3)]
    assert len({row.key for row in found}) == 4
    assert len({row.run for row in found}) == 1


def test_metric_of_another_project_keeps_its_name_and_unit() -> None:
    figure = replace(FIGURE, benchmark="suite.time_sort", params={"n": "10", "batch_size": "all"})
    [row] = rows(figure, **{"suite.time_sort": "seconds"})
    assert (row.metric, row.unit) == ("suite.time_sort", "seconds")
    assert row.batch_size is None
    assert json.loads(row.parameters) == {"n": "10"}


def test_key_does_not_depend_on_the_value() -> None:
    """A cell that is measured again for the same commit takes the place of what was there."""
    again = rows(replace(FIGURE, value=9.0))
    assert [row.key for row in again] == [row.key for row in rows(FIGURE)]


@pytest.mark.parametrize(
    "other",
    [
        {"machine": "epyc"},
        {"stack": "old"},
        {"commit": "cd" * 20},
        {"benchmark": "semantic_search.WholeProcess.track_user"},
        {"params": {**FIGURE.params, "batch_size": "1"}},
        {"params": {**FIGURE.params, "scenario": "sync"}},
    ],
)
def test_other_figure_has_another_key(other: dict[str, object]) -> None:
    [row], [changed] = rows(FIGURE), rows(replace(FIGURE, **other))  # type: ignore[arg-type] # several types
    assert row.key != changed.key


def test_record_has_a_row_for_each_metric() -> None:
    found = list(from_records([RECORD], samples=False))
    assert {row.metric: row.value for row in found} == RECORD.values()
    assert {row.run for row in found} == {found[0].run}
    row = next(row for row in found if row.metric == "wall_s")
    assert (row.source, row.benchmark, row.machine) == ("record", "semantic-search", "Xeon™")
    assert (row.backend, row.model, row.dataset) == ("onnxruntime", "all-MiniLM-L6-v2", "mini")
    assert (row.batch_size, row.threads, row.unit, row.value) == (16, 2, "seconds", 2.0)


def test_record_has_its_raw_rows_on_demand() -> None:
    found = list(from_records([RECORD], samples=True))
    raw = [row for row in found if row.sample is not None]
    assert [row.value for row in raw if row.metric == "wall_s"] == [3.0, 1.0, 2.0]
    assert [row.unit for row in raw if row.metric == "hits"] == ["hits"]
    [cosine] = [row for row in raw if row.metric == "cosine_to_reference"]
    assert json.loads(cosine.parameters) == {"reference": "sentence-transformers 5"}
    assert len({row.key for row in found}) == len(found)


def test_time_of_a_record_is_in_utc() -> None:
    there = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    record = replace(RECORD, created=there.isoformat())
    row = next(from_records([record], samples=False))
    assert row.time.isoformat() == "2025-12-31T23:00:00+00:00"


def test_record_of_no_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'yesterday', which is no time"):
        list(from_records([replace(RECORD, created="yesterday")], samples=False))


@given(value=st.floats(allow_nan=False, allow_infinity=False), text=st.text())
def test_row_survives_json(value: float, text: str) -> None:
    record = replace(RECORD, backend=text, rows=rows_of(wall_s=[value]))
    for row in from_records([record], samples=True):
        assert ExportRow.from_dict(json.loads(json.dumps(row.to_dict()))) == row
        assert tuple(row.to_dict()) == COLUMNS
