"""`emch doctor`: whether what is here can be trusted."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emch.backends.native.program import Program
from emch.backends.registry import (
    get_backend,
    known_backends,
    make_options,
    open_model,
    require_available,
    resolve_model_for,
)
from emch.cli.console import out, progress, say_quota, table
from emch.encoding.batching import BATCH_SIZE
from emch.errors import BrokenEngine, EmchError, Unavailable, WrongAnswer
from emch.measure.cpus import usable_cpus
from emch.models.agreement import COSINE_LIMITS
from emch.models.resolve import resolve_model
from emch.models.source import DEFAULT_MODEL
from emch.runners.contract.hold import hold
from emch.runners.contract.subject import Found
from emch.runners.fresh_process import run
from emch.runners.job import Job
from emch.tasks.startup import Startup

if TYPE_CHECKING:
    from emch.compare.calibration import Noise

COLUMNS = ("backend", "precision", "cosine", "limit", "library", "provider", "verdict")


@click.command()
@click.option("--backends", "chosen", is_flag=True, help="Check every backend that is here.")
@click.option(
    "--backend",
    metavar="NAME",
    help="Hold one against the whole contract; or package.module:Class.",
)
@click.option(
    "--runner",
    type=click.Path(exists=True, dir_okay=False, executable=True, path_type=Path),
    help="Hold a program in another language against its contract.",
)
@click.option("--noise", is_flag=True, help="Measure how much identical code differs here.")
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="A prepared model.")
@click.option("--batch-size", type=click.IntRange(1), default=BATCH_SIZE, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(
    chosen: bool,
    backend: str | None,
    runner: Path | None,
    noise: bool,
    model: str,
    batch_size: int,
    as_json: bool,
) -> None:
    """Check what is here: with --backends, each backend's answers against the reference.

    The cosine is the least one of all probe texts. It ends with 1 if a backend answers wrongly, and
    with 3 if one is there and cannot be run; one that is not here is skipped with the reason.

    With --backend it holds one backend, of emch or from outside, against all that a backend owes
    its user, and says in sentences what fails. It ends with 1 if something does, and with 3 if the
    backend cannot be loaded.

    With --runner it holds any program against docs/native-runners.md, in the same way.

    With --noise it compares the working tree with itself for some minutes, and keeps what it finds:
    'emch compare' prints it beside its verdicts.
    """
    if [chosen, backend is not None, runner is not None, noise].count(True) != 1:
        raise click.UsageError(
            "say what to check: --backends, --backend NAME, --runner PATH, or --noise"
        )
    say_quota()
    if runner is not None:
        raise SystemExit(_hold_program(runner, resolve_model(model), as_json))
    if backend is not None:
        raise SystemExit(_hold(backend, resolve_model_for(backend, model), as_json))
    if noise:
        from emch.cli.noise import measure_noise  # it needs asv, and --backends does not

        _show_noise(measure_noise(), as_json)
        return
    key = resolve_model(model)
    rows, worst = [], 0
    for name in known_backends():
        with progress.status(f"{name} ..."):
            row, code = _check(name, key, batch_size)
        rows.append(row)
        worst = code if worst == 0 else min(worst, code or worst)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        _show(rows)
    raise SystemExit(worst)


def _hold(backend: str, model: str, as_json: bool) -> int:
    """Hold a backend against the contract, print what fails, and return the exit code."""
    kind = require_available(backend)
    if issubclass(kind, Program):
        return _hold_program(kind.find(), model, as_json)
    with progress.status(f"{backend} ..."):
        found = hold(backend, model)
    code = _tell(found, as_json)
    if not as_json and open_model(backend, model).own:
        out.print(f"{backend} brings its own model, so its answers were held against no reference")
    return code


def _hold_program(program: Path, model: str, as_json: bool) -> int:
    """Hold a program against its contract, print what fails, and return the exit code."""
    from emch.runners.contract.programs import hold_program  # it needs more than --backends does

    with progress.status(f"{program.name} ..."):
        found = hold_program(program, model)
    return _tell(found, as_json)


def _tell(found: Found, as_json: bool) -> int:
    """Print what fails of each check, and return the exit code."""
    faults = [fault for each in found.values() for fault in each or ()]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return int(bool(faults))
    for check, each in found.items():
        word = "does not apply" if each is None else "fails" if each else "holds"
        out.print(f"{word:14}  {check}")
        for fault in each or ():
            out.print(f"{'':14}  {fault}", soft_wrap=True)
    return int(bool(faults))


def _show_noise(found: "Noise", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    shown = table("cell", "between launches", numbers=frozenset({"between launches"}))
    for cell, sd in found.sd.items():
        shown.add_row(cell, f"{sd:.2%}")
    out.print(shown)
    for budget_s in (90, 600):
        if least := found.can_find(budget_s, 1):
            out.print(f"{budget_s} s for a cell find changes from {least:.1%}")
    for words in found.conditions:
        out.print(f"disturbed: {words}")


def _show(rows: list[dict[str, Any]]) -> None:
    shown = table(*COLUMNS, numbers=frozenset({"cosine", "limit"}))
    for row in rows:
        shown.add_row(*(str(row.get(column, "")) for column in COLUMNS))
    out.print(shown)
    for row in rows:
        if row["reason"]:
            out.print(f"{row['backend']} is {row['verdict']}: {row['reason']}", soft_wrap=True)


def _check(name: str, model: str, batch_size: int) -> tuple[dict[str, Any], int]:
    """Return the row of a backend and its exit code; it runs in a process of its own."""
    try:
        backend = get_backend(name)
    except EmchError as error:  # of another package, which cannot be imported
        return {"backend": name, "verdict": "broken", "reason": str(error)}, error.exit_code
    precision = backend.precision
    row = {"backend": name, "precision": precision, "limit": COSINE_LIMITS[precision]}
    if missing := backend.unavailable():
        return {**row, "verdict": "skipped", "reason": missing}, 0
    task = Startup(dataset="sentences-16", batch_size=batch_size)
    options = make_options(name, threads=usable_cpus())
    try:
        record = run(Job(task=task, backend=name, model=model, options=options))
    except EmchError as error:
        if isinstance(error, Unavailable) and not isinstance(error, BrokenEngine):
            return {**row, "verdict": "skipped", "reason": str(error)}, 0
        verdict = "wrong" if isinstance(error, WrongAnswer) else "broken"
        return {**row, "verdict": verdict, "reason": str(error)}, error.exit_code
    session = {key: record.session[key] for key in ("library", "provider")}
    if record.cosine_to_reference is None:
        own = "it brings its own model, of which there is no reference"
        return {**row, **session, "verdict": "unchecked", "reason": own}, 0
    cosine = f"{record.cosine_to_reference:.7f}"
    return {**row, **session, "cosine": cosine, "verdict": "right", "reason": ""}, 0
