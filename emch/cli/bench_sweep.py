"""`emch bench --sweep`: the best settings of an engine on this machine."""

import time
from collections.abc import Mapping
from typing import Any

import click

from emch.bench.asked import Asked
from emch.bench.plan import Plan
from emch.bench.sweep import BATCH_SIZES, settings, sweep
from emch.cli.bench_progress import following
from emch.cli.console import out, table
from emch.measure.cpus import usable_cpus
from emch.report.bench import introduce
from emch.report.sweep import HEADINGS, advise, sweep_tables


def require_for_sweep(export: str | None, csv: str | None, given: Mapping[str, Any]) -> None:
    """Refuse what has no meaning in a sweep.

    Raises
    ------
    UsageError
        With what to leave out.
    """
    set_by_sweep = {
        "--scenario": given["scenario"] != "sync",
        "--num-cores": given["cores"],
        "--num-streams": given["streams"],
        "--iterations": given["iterations"],
        "--find-rate": given["search"],
        "--loadgen": given["loadgen"],
        "--goodput": given["goodput"],
        "--slice": given["slice_s"],
        "--profile": given["profile"],
        "--export-path": export,
        "--csv": csv,
    }
    for option, is_given in set_by_sweep.items():
        if is_given:
            raise click.UsageError(f"a sweep chooses or lacks {option}: leave it out")
    if len(given["engines"]) > 1:
        raise click.UsageError("a sweep is of one engine: give one with --engine")


def run_sweep(plan: Plan, asked: Asked, budget_s: float, *, quiet: bool) -> None:
    """Try the settings, and print them and the best ones."""
    fixed = plan.inputs.axes.fixed_batch
    sizes = asked.batch_sizes or ([fixed] if fixed else BATCH_SIZES)
    cases = list(settings(plan, sizes, usable_cpus()))
    with following(plan, quiet=quiet, seconds=budget_s) as told:
        swept = sweep(plan, cases, budget_s, told, time.monotonic)
    for line in introduce(swept.again):
        out.print(line)
    for what, rows in sweep_tables(swept):
        made = table(*HEADINGS, numbers=frozenset(HEADINGS[:-1]))
        for row in rows:
            made.add_row(*row)
        out.print(f"\n{what}")
        out.print(made)
    out.print()
    for line in advise(swept):
        out.print(line, soft_wrap=True)  # a command line is copied as it stands
