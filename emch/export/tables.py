"""Rows as files that every tool reads: CSV and Parquet, in little memory however many there are."""

import csv
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from emch.errors import Unavailable
from emch.export.rows import COLUMNS, ExportRow

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_A_GROUP = 50_000
"""Rows that a row group of a Parquet file has, and that are in memory at once."""


def write_csv(rows: Iterable[ExportRow], stream: TextIO) -> int:
    """Write a header and a line for each row; return how many there were.

    A number has all its digits, a time is in ISO 8601, and what a row has not is empty.
    """
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - it is what is returned
        writer.writerow(row.to_dict().values())
    return count


def write_parquet(rows: Iterable[ExportRow], path: Path) -> int:
    """Write a Parquet file; return how many rows there were.

    Raises
    ------
    Unavailable
        pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise Unavailable("Parquet needs pyarrow: pip install 'emch[parquet]'") from error
    schema, count, left = _schema(), 0, iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(left, ROWS_A_GROUP)):
            columns = [[getattr(row, name) for row in group] for name in COLUMNS]
            writer.write_table(pa.table(columns, schema=schema))
            count += len(group)
    return count


def _schema() -> "pa.Schema":
    """Return the types of the columns; those that every row has are not nullable."""
    import pyarrow as pa

    types = {
        "time": pa.timestamp("us", tz="UTC"),
        "batch_size": pa.int64(),
        "threads": pa.int64(),
        "value": pa.float64(),
        "sample": pa.int64(),
    }
    needed = {"key", "run", "time", "source", "benchmark", "parameters", "metric", "unit", "value"}
    return pa.schema(
        [
            pa.field(name, types.get(name, pa.string()), nullable=name not in needed)
            for name in COLUMNS
        ]
    )
