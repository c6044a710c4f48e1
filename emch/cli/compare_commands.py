"""`emch compare --command`: two shell commands, with a verdict on each quantity."""

from collections.abc import Sequence
from pathlib import Path

from emch.cli.compare_result import say_disturbances
from emch.cli.console import progress, say_quota
from emch.compare.commands import CommandSide, measure_commands
from emch.compare.findings import Finding, find
from emch.compare.schedule import Plan


def compare_commands(
    commands: Sequence[str],
    folders: Sequence[Path],
    prepare: str | None,
    plan: Plan,
    timeout_s: float,
) -> list[Finding]:
    """Run two commands in pairs until there is a verdict, or the budget is spent.

    Raises
    ------
    InvalidInput, ChildHung
        See `measure_commands`.
    """
    sides = [
        CommandSide(command, folder, prepare)
        for command, folder in zip(commands, folders, strict=True)
    ]
    say_quota()
    with progress.status("running ...") as status:
        for run in measure_commands(sides, plan, timeout_s):
            (each,) = run.cells
            status.update(
                f"{len(each.launches)} pairs run, {each.seconds:.0f} of {plan.budget_s:.0f} s spent"
            )
    say_disturbances(run)
    return find(run)
