"""`emch run`: one task, once, in a fresh process."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from emch.backends.base import Options
from emch.backends.registry import (
    BACKENDS,
    get_backend,
    is_known,
    make_options,
    require_available,
    resolve_model_for,
)
from emch.cli.console import (
    log,
    out,
    progress,
    require_writable,
    say_quota,
    table,
    write_whole,
)
from emch.cli.fields import options_of
from emch.measure.cpus import usable_cpus
from emch.metrics import METRICS, PERCENTS
from emch.models.source import DEFAULT_MODEL
from emch.records import Record
from emch.runners.fresh_process import run
from emch.runners.job import Job
from emch.tasks.base import Task
from emch.tasks.registry import TASKS, get_task


class TaskCommand(click.Command):
    """A task with its own options, those of the backends, and where the record goes."""

    def __init__(self, task: type[Task]) -> None:
        own = [*options_of(task)]
        params: list[click.Parameter] = [
            *own,
            *_common(),
            *_engine_options(BACKENDS).values(),
            _JSON,
        ]
        super().__init__(task.name, params=params, callback=self._call, help=task.summary)
        self._task = task
        self._parameters = {each.name for each in own}

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the options of a backend from outside too, where one is named."""
        known = {each.name for each in self.params}
        for name in _named(args):
            if name not in BACKENDS and (is_known(name) or ":" in name):
                found = _engine_options([name])
                self.params += [each for each in found.values() if each.name not in known]
        return super().parse_args(ctx, args)

    def _call(self, backend: str, model: str, target: str | None, **given: Any) -> None:
        own = {name: value for name, value in given.items() if name in self._parameters}
        asked = {name: value for name, value in given.items() if name not in own}
        asked["threads"] = asked["threads"] or usable_cpus()
        require_available(backend)
        _run(self._task(**own), backend, model, make_options(backend, **asked), target)


class TaskGroup(click.Group):
    """The tasks, with their names in the error for an unknown one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the tasks."""
        return sorted(TASKS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Make the command of a task out of its fields."""
        return TaskCommand(get_task(cmd_name)) if cmd_name in TASKS else None

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


_JSON = click.Option(
    ["--json", "target"], metavar="FILE", help="Write the record to FILE; - is stdout."
)


def _common() -> Iterator[click.Option]:
    """Yield what every task is told beside its own parameters and the options of the backend."""
    words = "As 'emch list' shows, or package.module:Class."
    yield click.Option(["--backend"], required=True, help=words)
    yield click.Option(
        ["--model"], default=DEFAULT_MODEL, show_default=True, help="A prepared model."
    )


def _engine_options(backends: Iterable[str]) -> dict[str, click.Option]:
    """Return the options of some backends by name, those that all have first."""
    found: dict[str, click.Option] = {}
    kinds: list[type[Options]] = [Options, *(get_backend(name).options for name in backends)]
    for kind in dict.fromkeys(kinds):
        for option in options_of(kind):
            found.setdefault(str(option.name), option)
    return found


def _named(args: Sequence[str]) -> Iterator[str]:
    """Yield what the arguments name as a backend."""
    for place, argument in enumerate(args):
        if argument == "--backend":
            yield from args[place + 1 : place + 2]
        elif argument.startswith("--backend="):
            yield argument.partition("=")[2]


def _run(task: Task, backend: str, model: str, options: Options, target: str | None) -> None:
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


def _show_percentile(record: Record, name: str) -> str:
    """Return a percentile with its bound, or the number of calls that it needs."""
    found, show = record.percentile(name), METRICS[name].show
    if found.bound is None:
        return f"n/a (needs {found.needs:,} calls)"
    return f"{show(found.value)} (at most {show(found.bound)})"


def _show(record: Record) -> None:
    rows = table("metric", "value", numbers=frozenset({"value"}))
    values = record.values()
    for name in METRICS:
        if name in PERCENTS and "call_s" in record.samples:
            rows.add_row(METRICS[name].label, _show_percentile(record, name))
        elif name in values:
            rows.add_row(METRICS[name].label, METRICS[name].show(values[name]))
    for name, count in record.counts.items():
        rows.add_row(name, f"{count:,}")
    out.print(rows)
    if record.cosine_to_reference is None:
        log(
            f"{record.backend} is no model that was prepared ({record.artifact['origin']}), so "
            "there is no reference that its answers could be held against"
        )
