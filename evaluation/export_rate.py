"""How fast rows are exported, and in how much memory: Parquet, CSV and InfluxDB.

python -m evaluation.export_rate --rows 1000000 --url http://localhost:8086

Each export is a process of its own, whose peak of memory is measured. The records are made up: each
has a thousand raw samples.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from emch.measure.process import run_accounted
from emch.records import Record
from emch.records.row import sampled

SAMPLES = 1000


def records(count: int) -> Iterator[Record]:
    """Yield records that have `count` rows together."""
    for number in range(count // SAMPLES):
        yield Record(
            task="sentence-encoding",
            model="made-up",
            backend="stub",
            parameters={"dataset": "sentences-16", "batch_size": 1 + number},
            options={},
            rows=[sampled("wall_s", [1.0 + number + place / SAMPLES for place in range(SAMPLES)])],
            session={"threads": 1},
            artifact={},
            versions={},
            machine={"cpu": "made-up"},
            created="2026-01-01T00:00:00+00:00",
        )


def measure(kind: str, file: Path, *options: object) -> None:
    """Export a file of records, and print the time and the peak of memory."""
    emch = Path(sys.executable).with_name("emch")
    command = [emch, "export", kind, file, "--samples", *options]
    with TemporaryDirectory() as cache:
        found = run_accounted([str(word) for word in command], file.parent, {"EMCH_CACHE": cache})
    memory = found.peak_rss_bytes / 2**20
    click.echo(f"{kind:9} {found.wall_s:6.1f} s {memory:6.0f} MiB")


@click.command()
@click.option("--rows", type=int, multiple=True, default=(100_000, 1_000_000), show_default=True)
@click.option("--url", help="A server of InfluxDB 1.x with a database 'emch'.")
def main(rows: tuple[int, ...], url: str | None) -> None:
    """Print a line for each number of rows and each kind of export."""
    for count in rows:
        with TemporaryDirectory() as folder:
            file = Path(folder, "records.json")
            with file.open("w", encoding="utf-8") as lines:
                lines.writelines(f"{record.to_json()}\n" for record in records(count))
            click.echo(f"{count} raw samples")
            for kind in ("csv", "parquet"):
                measure(kind, file, "--out", Path(folder, f"rows.{kind}"))
            if url is not None:
                measure("influxdb", file, "--url", url)


if __name__ == "__main__":
    main()
