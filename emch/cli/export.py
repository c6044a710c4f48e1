"""`emch export`: results in other formats."""

import io
from pathlib import Path

import click

from emch.asv_results import newest, read_figures
from emch.cli.console import require_writable, write_whole
from emch.errors import InvalidInput, Unavailable
from emch.export.backends_table import backends_table
from emch.export.latency_csv import from_figures, from_records, write_csv
from emch.records import Record
from emch.stacks import load_config, read_stacks

OUT = click.option("--out", type=click.Path(path_type=Path), help="A file.  [default: stdout]")


@click.group()
def command() -> None:
    """Write results in other formats."""


@command.command("csv")
@click.argument("records", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@OUT
def csv(records: tuple[Path, ...], out: Path | None) -> None:
    """Write latencies as CSV: of RECORDS, or of the newest asv results.

    RECORDS are files that 'emch run sentence-encoding --json' wrote. The columns and their units
    are those of the benchmark scripts of ONNX Runtime's transformers tools.
    """
    if records:
        latencies = from_records(record for path in records for record in _read(path))
    else:
        latencies = from_figures(newest(read_figures(load_config())))
    if not latencies:
        raise Unavailable("no latencies of sentences of fixed length in what was read")
    text = io.StringIO()
    write_csv(latencies, text)
    _write(text.getvalue(), out)


@command.command("backends")
@click.option("--machine", default="reference", show_default=True, help="Whose results.")
@OUT
def backends(machine: str, out: Path | None) -> None:
    """Write the table of all backends as Markdown, from the newest asv results."""
    config = load_config()
    stacks: dict[str, str] = {}
    for stack in read_stacks(config):
        for backend in stack.backends:
            stacks.setdefault(backend, stack.label)
    figures = newest(read_figures(config))
    if machine not in {figure.machine for figure in figures}:
        raise InvalidInput(f"no results of the machine '{machine}' in {config.results_dir}")
    _write(backends_table(figures, machine, stacks), out)


def _read(path: Path) -> list[Record]:
    return [Record.from_json(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _write(text: str, target: Path | None) -> None:
    if target is None:
        click.echo(text, nl=False)
    else:
        require_writable("--out", target)
        write_whole("--out", target, text)
