"""`emch run`: one task, once, in a fresh process."""

import os
from pathlib import Path

import click

from emch.backends.registry import require_available
from emch.cli.console import out, progress, table
from emch.datasets.registry import load_dataset
from emch.errors import InvalidInput
from emch.metrics import METRICS
from emch.models.source import DEFAULT_MODEL, model_name
from emch.records import Record
from emch.tasks.encoding import usable_cpus
from emch.tasks.whole_process import TASK, run
from emch.tasks.worker import Job

SHOWN = (
    "wall_s",
    "user_s",
    "kernel_s",
    "cpu_percent",
    "peak_rss_bytes",
    "load_s",
    "tokenize_s",
    "encode_s",
    "search_s",
    "cosine_to_reference",
)


@click.command()
@click.argument("task", type=click.Choice([TASK]))
@click.option("--backend", required=True, help="A name that 'emch list' shows.")
@click.option("--batch-size", type=click.IntRange(1), default=16, show_default=True)
@click.option("--dataset", default="mini", show_default=True, help="A name that 'emch list' shows.")
@click.option("--data", type=click.Path(path_type=Path), help="The folder of the dataset.")
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="A prepared model.")
@click.option("--threads", type=click.IntRange(1), help="Threads a batch.  [default: all CPUs]")
@click.option("--limit", type=click.IntRange(1), help="Take the first N queries only.")
@click.option("--json", "target", metavar="FILE", help="Write the record to FILE; - is stdout.")
def command(
    task: str,
    backend: str,
    batch_size: int,
    dataset: str,
    data: Path | None,
    model: str,
    threads: int | None,
    limit: int | None,
    target: str | None,
) -> None:
    """Run a task once in a fresh process: time, CPU, peak memory and hit rate.

    The process is what a BSD `time` would measure: start, load, tokenize, encode, search, end.
    Its answers are checked against the reference, and there is no figure without that.
    """
    require_available(backend)
    load_dataset(dataset, data)
    if target not in (None, "-"):
        _require_writable(Path(str(target)))
    job = Job(
        backend=backend,
        model=model_name(model),
        dataset=dataset,
        data=str(data.absolute()) if data else None,
        batch_size=batch_size,
        threads=threads or usable_cpus(),
        limit=limit,
    )
    progress.print(
        f"{task}: {backend} on {dataset}, batch size {batch_size}, threads {job.threads}"
    )
    record = run(job)
    if target is None:
        _show(record)
    elif target == "-":
        click.echo(record.to_json())
    else:
        _write(Path(target), record.to_json() + "\n")


def _show(record: Record) -> None:
    rows = table("metric", "value", numbers=frozenset({"value"}))
    rows.add_row("hit rate", METRICS["hit_rate"].show(record.value("hit_rate")))
    rows.add_row("hits", f"{record.hits} of {record.queries}")
    for name in SHOWN:
        rows.add_row(METRICS[name].label, METRICS[name].show(record.value(name)))
    out.print(rows)


def _require_writable(path: Path) -> None:
    """Refuse a file that cannot be written before anything is measured for it."""
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise InvalidInput(f"--json {path}: not a file in a folder that can be written to")


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise InvalidInput(f"--json {path}: cannot be written ({error.strerror})") from error
