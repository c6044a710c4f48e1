"""The CSV of latencies has the columns of ONNX Runtime's tools, computed as there."""

import csv
import io
from dataclasses import replace

import pytest

from emch.export.latencies import COLUMNS, from_records, write_csv
from tests.unit.ground.test_records import RECORD, rows_of

CALLS = [0.010, 0.020, 0.030, 0.040]
MANY = 115 * CALLS
"""As many as a p99 needs, and one more."""


def rows(calls: list[float] = MANY, **parameters: object) -> list[dict[str, str]]:
    record = replace(
        RECORD,
        task="sentence-encoding",
        parameters={"dataset": "sentences-128", "batch_size": 8, **parameters},
        rows=rows_of(call_s=calls),
        session={**RECORD.session, "device": "cpu", "library": "onnxruntime 1.31.1"},
    )
    text = io.StringIO()
    write_csv(from_records([record]), text)
    return list(csv.DictReader(io.StringIO(text.getvalue())))


def test_figures_are_those_of_the_calls() -> None:
    [row] = rows()
    assert tuple(row) == COLUMNS
    assert (row["engine"], row["version"], row["device"]) == ("onnxruntime", "1.31.1", "cpu")
    assert (row["batch_size"], row["sequence_length"], row["test_times"]) == ("8", "128", "460")
    assert float(row["average_latency_ms"]) == pytest.approx(25)
    assert float(row["QPS"]) == pytest.approx(8 / 0.025)
    assert float(row["latency_variance"]) == pytest.approx(1000 * 0.000125)
    assert float(row["latency_90_percentile"]) == pytest.approx(40)
    assert float(row["latency_99_percentile"]) == pytest.approx(40)


def test_percentile_that_the_calls_do_not_carry_is_empty() -> None:
    [row] = rows(11 * CALLS)
    assert float(row["latency_90_percentile"]) == pytest.approx(40)  # it needs 44
    assert row["latency_95_percentile"] == row["latency_99_percentile"] == ""


def test_texts_of_many_lengths_have_no_row() -> None:
    assert rows(dataset="titles") == []
