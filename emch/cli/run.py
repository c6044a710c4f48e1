"""`emch run`: one task, once, in a fresh process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from emch.backends.base import DEVICES, Options
from emch.backends.registry import require_available, resolve_model_for
from emch.cli.console import (
    log,
    out,
    progress,
    require_writable,
    say_quota,
    table,
    write_whole,
)
from emch.datasets.base import FIELDS, TITLE
from emch.measure.cpus import usable_cpus
from emch.metrics import METRICS
from emch.models.source import DEFAULT_MODEL
from emch.records import Record
from emch.runners.fresh_process import run
from emch.runners.worker import Job
from emch.tasks.base import Task
from emch.tasks.model_parts import PARTS, ModelParts
from emch.tasks.registry import TASKS
from emch.tasks.semantic_search import SemanticSearch
from emch.tasks.sentence_encoding import SentenceEncoding
from emch.tasks.startup import Startup

SENTENCES = "sentences-N, abstracts-N (of N tokens) or titles."

COMMON = (
    click.option("--backend", required=True, help="As 'emch list' shows, or package.module:Class."),
    click.option("--model", default=DEFAULT_MODEL, show_default=True, help="A prepared model."),
    click.option(
        "--threads", type=click.IntRange(1), help="Of the engine.  [default: usable CPUs]"
    ),
    click.option("--oversubscribe", is_flag=True, help="Allow more threads than usable CPUs."),
    click.option(
        "--streams", type=click.IntRange(1), default=1, help="Batches at once.  [default: 1]"
    ),
    click.option("--device", default="cpu", type=click.Choice(DEVICES), show_default=True),
    click.option("--provider", metavar="NAME", help="Execution provider of ONNX Runtime."),
    click.option("--optimization", metavar="LEVEL", help="Graph optimisation of ONNX Runtime."),
    click.option("--json", "target", metavar="FILE", help="Write the record to FILE; - is stdout."),
)


class TaskGroup(click.Group):
    """The tasks, with their names in the error for an unknown one."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the task, or say which there are."""
        if args and args[0] not in TASKS:
            raise click.UsageError(f"unknown task '{args[0]}'; known are: {', '.join(TASKS)}")
        return super().resolve_command(ctx, args)


@click.command(cls=TaskGroup)
def command() -> None:
    """Run a task once in a fresh process: time, CPU, peak memory, and what the task scores.

    The process is what a BSD `time` would measure: start, load, run the task, end. Its answers are
    checked against the reference, and there is no figure without that.
    """


def _task(name: str, *options: Callable[..., Any]) -> Callable[[Callable[..., Task]], Any]:
    """Make a task's command from what makes the task: its own options, then those of every task."""

    def register(make: Callable[..., Task]) -> click.Command:
        def callback(
            backend: str,
            model: str,
            threads: int | None,
            oversubscribe: bool,
            streams: int,
            device: str,
            provider: str | None,
            optimization: str | None,
            target: str | None,
            **parameters: Any,
        ) -> None:
            asked = Options(
                threads=threads or usable_cpus(),
                streams=streams,
                device=device,
                provider=provider,
                optimization=optimization,
                oversubscribe=oversubscribe,
            )
            _run(make(**parameters), backend, model, asked, target)

        for option in reversed((*options, *COMMON)):
            callback = option(callback)
        return command.command(name, help=make.__doc__)(callback)

    return register


def _batch_size(default: int) -> Callable[..., Any]:
    return click.option("--batch-size", type=click.IntRange(1), default=default, show_default=True)


@_task(
    "semantic-search",
    click.option("--dataset", default="mini", show_default=True, help="As 'emch list' shows."),
    click.option("--data", type=click.Path(path_type=Path), help="The folder of the dataset."),
    click.option(
        "--fields",
        type=click.Choice(FIELDS),
        default=TITLE,
        show_default=True,
        help="What to encode of a document; with its text nDCG@10 is reported too.",
    ),
    click.option(
        "--exclude-self", is_flag=True, help="Leave out a document with the query's own id."
    ),
    _batch_size(16),
    click.option("--limit", type=click.IntRange(1), help="Take the first N queries only."),
)
def semantic_search(data: Path | None, **parameters: Any) -> Task:
    """Encode queries and documents, and count the queries whose top document is right."""
    return SemanticSearch(data=str(data.absolute()) if data else None, **parameters)


@_task(
    "sentence-encoding",
    click.option(
        "--dataset",
        default="sentences-128",
        show_default=True,
        help=SENTENCES,
    ),
    _batch_size(1),
    click.option("--callers", type=click.IntRange(1), default=1, help="At once.  [default: 1]"),
)
def sentence_encoding(**parameters: Any) -> Task:
    """Time calls of a loaded session: percentiles, variance and rates."""
    return SentenceEncoding(**parameters)


@_task(
    "startup",
    click.option("--dataset", default="sentences-16", show_default=True, help=SENTENCES),
    _batch_size(1),
)
def startup(**parameters: Any) -> Task:
    """Time import, load and the first call."""
    return Startup(**parameters)


@_task(
    "model-parts",
    click.option("--part", required=True, type=click.Choice(PARTS), help="What to time."),
    click.option(
        "--dataset",
        default="sentences-128",
        show_default=True,
        help=SENTENCES,
    ),
    _batch_size(16),
)
def model_parts(**parameters: Any) -> Task:
    """Time one part of the model by itself: tokenizer, embeddings, layers, pooling."""
    return ModelParts(**parameters)


def _run(task: Task, backend: str, model: str, options: Options, target: str | None) -> None:
    require_available(backend)
    task.require_inputs(options)
    for remark in task.remarks():
        log(remark)
    if target not in (None, "-"):
        require_writable("--json", Path(str(target)))
    say_quota()
    progress.print(
        f"{task.name}: {backend} on {task.dataset}, batch size {task.batch_size}, "
        f"threads {options.threads}"
    )
    key = resolve_model_for(backend, model)
    record = run(Job(task=task, backend=backend, model=key, options=options))
    if target is None:
        _show(record)
    elif target == "-":
        click.echo(record.to_json())
    else:
        write_whole("--json", Path(target), record.to_json() + "\n")


def _show(record: Record) -> None:
    rows = table("metric", "value", numbers=frozenset({"value"}))
    for name, value in record.values().items():
        rows.add_row(METRICS[name].label, METRICS[name].show(value))
    for name, count in record.counts.items():
        rows.add_row(name, f"{count:,}")
    out.print(rows)
    if record.cosine_to_reference is None:
        log(
            f"{record.backend} is no model that was prepared ({record.artifact['origin']}), so "
            "there is no reference that its answers could be held against"
        )
