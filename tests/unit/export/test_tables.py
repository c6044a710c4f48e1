"""CSV and Parquet have the same columns and values, and DuckDB reads both as they were."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from emch.export.rows import COLUMNS, ExportRow, from_records
from emch.export.tables import write_csv, write_parquet
from tests.unit.ground.test_records import RECORD, rows_of

HOSTILE = 'a "quoted", name\nof two lines; Ω'
ROWS = list(
    from_records([replace(RECORD, backend=HOSTILE, rows=rows_of(wall_s=[0.1 + 0.2]))], samples=True)
)


@pytest.fixture(params=["csv", "parquet"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"rows.{request.param}"
    if request.param == "parquet":
        assert write_parquet(ROWS, path) == len(ROWS)
    else:
        text = io.StringIO()
        assert write_csv(ROWS, text) == len(ROWS)
        path.write_text(text.getvalue())
    return path


def test_duckdb_reads_what_was_written(file: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.sql(f"SELECT * FROM '{file}'")  # noqa: S608 - a file of this test
        assert tuple(found.columns) == COLUMNS
        # Where no row of a CSV has a number, DuckDB takes the column for text.
        read = [ExportRow(**dict(zip(COLUMNS, row, strict=True))) for row in found.fetchall()]
    assert [replace(row, sample=row.sample and int(row.sample)) for row in read] == ROWS


def test_rows_of_many_groups_are_all_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq

    monkeypatch.setattr("emch.export.tables.ROWS_A_GROUP", 2)
    many = [replace(ROWS[0], sample=number) for number in range(5)]
    assert write_parquet(many, tmp_path / "rows.parquet") == 5
    with pq.ParquetFile(tmp_path / "rows.parquet") as read:
        assert read.num_row_groups == 3
        assert read.read().column("sample").to_pylist() == [0, 1, 2, 3, 4]


def test_no_rows_are_a_file_with_columns(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    assert write_parquet([], tmp_path / "rows.parquet") == 0
    assert tuple(pq.read_table(tmp_path / "rows.parquet").column_names) == COLUMNS
    text = io.StringIO()
    assert write_csv([], text) == 0
    assert text.getvalue() == ",".join(COLUMNS) + "\n"
