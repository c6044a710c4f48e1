"""`emch export`: results in other formats."""

import io
from pathlib import Path

import click
from asv.config import Config

from emch.cli.console import require_writable, write_whole
from emch.cli.export_rows import RECORDS, bigquery, csv, influxdb, parquet, read_records
from emch.cli.results import read_results
from emch.errors import InvalidInput, Unavailable
from emch.export.latencies import from_figures, from_records, write_csv
from emch.report.backends_table import backends_table
from emch.report.releases_table import releases_table
from emch.tracking.results import Figure, newest
from emch.tracking.stacks import load_config, read_stacks

OUT = click.option(
    "--out", type=click.Path(path_type=Path), help="The file to write.  [default: stdout]"
)

MACHINE = click.option(
    "--machine", default="reference", show_default=True, help="The machine whose results to take."
)


@click.group()
def command() -> None:
    """Write results in other formats."""


for each in (csv, parquet, influxdb, bigquery):
    command.add_command(each)


@command.command("latencies")
@RECORDS
@OUT
def latencies(records: tuple[Path, ...], out: Path | None) -> None:
    """Write a table of latencies as CSV: of RECORDS, or of the newest asv results.

    RECORDS are files that 'emch run sentence-encoding --json' wrote. The columns and their units
    are those of the benchmark scripts of ONNX Runtime's transformers tools.
    """
    if records:
        found = from_records(read_records(records))
    else:
        found = from_figures(newest(read_results(load_config()).figures()))
    if not found:
        raise Unavailable("no latencies of sentences of fixed length in what was read")
    text = io.StringIO()
    write_csv(found, text)
    _write(text.getvalue(), out)


@command.command("backends")
@MACHINE
@OUT
def backends(machine: str, out: Path | None) -> None:
    """Write the table of all backends as Markdown, from the newest asv results."""
    config = load_config()
    stacks: dict[str, str] = {}
    for stack in read_stacks(config):
        for backend in stack.backends:
            stacks.setdefault(backend, stack.label)
    _write(backends_table(_figures_of(config, machine), machine, stacks), out)


@command.command("releases")
@click.argument("engine")
@MACHINE
@OUT
def releases(engine: str, machine: str, out: Path | None) -> None:
    """Write the table of ENGINE's releases as Markdown, from the newest asv results.

    ENGINE is a distribution that stacks pin, such as onnxruntime; the stacks that are compared are
    those that have its name and a release for their label.
    """
    config = load_config()
    stacks = [stack for stack in read_stacks(config) if stack.label.startswith(f"{engine}-")]
    stacks = [stack for stack in stacks if engine in stack.pins]
    if not stacks:
        raise InvalidInput(f"no stacks of releases of '{engine}': see 'emch list stacks'")
    _write(releases_table(_figures_of(config, machine), machine, engine, stacks), out)


def _figures_of(config: Config, machine: str) -> list[Figure]:
    counted = read_results(config)
    figures = newest(counted.figures())
    if machine not in {figure.machine for figure in figures}:
        raise counted.none_of(machine, config.results_dir)
    return figures


def _write(text: str, target: Path | None) -> None:
    if target is None:
        click.echo(text, nl=False)
    else:
        require_writable("--out", target)
        write_whole("--out", target, text)
