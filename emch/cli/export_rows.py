"""`emch export csv|parquet|influxdb|bigquery`: every figure as a row, for other tools."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from emch.cli.console import log, progress, writing_whole
from emch.cli.results import read_results
from emch.errors import InvalidInput, Unavailable
from emch.export.bigquery import BigQuery
from emch.export.delivery import Destination, deliver
from emch.export.influxdb import APIS, InfluxDB
from emch.export.rows import ExportRow, from_figures, from_records
from emch.export.tables import write_csv, write_parquet
from emch.records import Record
from emch.tracking.stacks import load_config

OUT = click.Path(path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
RECORDS = click.argument("records", nargs=-1, type=FILE)
SAMPLES = click.option("--samples", is_flag=True, help="Write the raw samples too.")
MACHINE = click.option("--machine", help="Take asv's results of this machine only.")
PATIENCE = click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to try again while the server is away.",
)
NAME = re.compile(r"[A-Za-z0-9_-]+")
"""What a name in BigQuery consists of; it stands in a statement, so nothing else may."""


def _from_where(command: Callable[..., None]) -> Callable[..., None]:
    """Add the argument and the options that say which figures are written."""
    return RECORDS(MACHINE(SAMPLES(command)))


@click.command("csv")
@_from_where
@click.option("--out", "target", type=OUT, help="The file to write.  [default: stdout]")
def csv(records: tuple[Path, ...], machine: str | None, samples: bool, target: Path | None) -> None:
    """Write figures as CSV: of RECORDS, or of all asv results.

    RECORDS are files that 'emch run TASK --json' or 'emch bench --json' wrote.
    """
    rows = _rows(records, machine, samples=samples)
    if target is None:
        write_csv(rows, sys.stdout)
        return
    with (
        writing_whole("--out", target) as unfinished,
        unfinished.open("x", encoding="utf-8") as stream,
    ):
        count = write_csv(rows, stream)
    log(f"wrote {count} rows to {target}")


@click.command("parquet")
@_from_where
@click.option("--out", "target", type=OUT, required=True, help="The file to write.")
def parquet(records: tuple[Path, ...], machine: str | None, samples: bool, target: Path) -> None:
    """Write figures as a Parquet file: of RECORDS, or of all asv results.

    RECORDS are files that 'emch run TASK --json' or 'emch bench --json' wrote.
    """
    with writing_whole("--out", target) as unfinished:
        count = write_parquet(_rows(records, machine, samples=samples), unfinished)
    log(f"wrote {count} rows to {target}")


@click.command("influxdb")
@_from_where
@click.option("--url", default="http://localhost:8086", show_default=True, help="The server.")
@click.option("--database", default="emch", show_default=True, help="The database, or bucket.")
@click.option(
    "--api", type=click.Choice(APIS), default="1", show_default=True, help="The server's release."
)
@click.option("--org", default="", help="The organisation, which 2 wants.")
@PATIENCE
def influxdb(
    records: tuple[Path, ...],
    machine: str | None,
    samples: bool,
    url: str,
    database: str,
    api: str,
    org: str,
    patience: float,
) -> None:
    """Write figures to InfluxDB: of RECORDS, or of all asv results.

    RECORDS are files that 'emch run TASK --json' or 'emch bench --json' wrote. INFLUXDB_USER and
    INFLUXDB_USER_PASSWORD say who writes to a server of 1.x, INFLUXDB_TOKEN to one of 2.x or 3.
    """
    if api == "2" and not org:
        raise InvalidInput("--api 2 needs --org: the organisation whose bucket it is")
    rows = _rows(records, machine, samples=samples)
    _deliver(rows, InfluxDB(url, database, api, org), patience)


@click.command("bigquery")
@_from_where
@click.option("--project", required=True, help="The project in Google Cloud.")
@click.option("--dataset", default="emch", show_default=True, help="It has to be there.")
@click.option("--table", default="figures", show_default=True, help="It is made where it is not.")
@PATIENCE
def bigquery(
    records: tuple[Path, ...],
    machine: str | None,
    samples: bool,
    project: str,
    dataset: str,
    table: str,
    patience: float,
) -> None:
    """Write figures to BigQuery: of RECORDS, or of all asv results.

    RECORDS are files that 'emch run TASK --json' or 'emch bench --json' wrote.
    GOOGLE_APPLICATION_CREDENTIALS names the file that says who writes; BIGQUERY_EMULATOR_HOST is
    the address of an emulator, which needs none.
    """
    for option, name in (("--project", project), ("--dataset", dataset), ("--table", table)):
        if not NAME.fullmatch(name):
            raise InvalidInput(f"{option} '{name}': only letters, digits, '_' and '-' can be in it")
    rows = _rows(records, machine, samples=samples)
    _deliver(rows, BigQuery(project, dataset, table), patience)


def _rows(paths: Sequence[Path], machine: str | None, *, samples: bool) -> Iterator[ExportRow]:
    """Return the rows of files of records, or of asv's results; nothing of them is written yet."""
    if not paths:
        config = load_config()
        counted = read_results(config)
        if machine is not None and machine not in counted.machines:
            raise counted.none_of(machine, config.results_dir)
        units = {name: str(found["unit"]) for name, found in counted.benchmarks.items()}
        # All are read before the first is written: a broken file leaves nothing half-written. And
        # asv has no order of its benchmarks, but the same results shall make the same file.
        figures = (each for each in counted.figures() if machine in (None, each.machine))
        ordered = sorted(figures, key=lambda figure: (figure.name, figure.machine, figure.stack))
        return from_figures(ordered, units, samples=samples)
    if machine is not None:
        raise InvalidInput("--machine is for asv's results, and not for files of records")
    if not sum(1 for _ in read_records(paths)):  # a broken one is found before the first is sent
        raise Unavailable("no records in what was read")
    return from_records(read_records(paths), samples=samples)


def read_records(paths: Sequence[Path]) -> Iterator[Record]:
    """Yield the records of files, a line each.

    Raises
    ------
    InvalidInput
        A file cannot be read, or has something that is no record.
    """
    for path in paths:
        try:
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    yield Record.from_json(line)
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{path} cannot be read as text: {error}") from error


def _deliver(rows: Iterator[ExportRow], destination: Destination, patience: float) -> None:
    with progress.status("0 rows sent") as shown:
        count = deliver(rows, destination, patience, lambda sent: shown.update(f"{sent} rows sent"))
    log(f"all {count} rows are at {destination.name}")
