"""`emch compare`: two commits, or two stacks, with a verdict for each cell."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from emch.cli.compare_commands import compare_commands
from emch.cli.compare_measure import measure_cells, require_time, why_of
from emch.cli.compare_options import (
    budget_option,
    json_option,
    markdown_option,
    require_files,
    resume_option,
    threshold_option,
)
from emch.cli.compare_result import hand_over
from emch.cli.compare_sides import Asked, equal_labels, make_sides, shared_cells
from emch.cli.console import log
from emch.cli.history import show_history
from emch.cli.parameters import parse_duration, parse_regex
from emch.compare.findings import find
from emch.compare.schedule import Plan
from emch.compare.thresholds import read_thresholds
from emch.tracking.stacks import load_config

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("base", required=False)
@click.argument("head", required=False)
@click.option("--history", is_flag=True, help="Print the change points of asv's results instead.")
@click.option(
    "--bench", metavar="REGEX", callback=parse_regex,
    help="Of the names of cells.  [default: a sentence of 128 tokens, engines that load at once; "
    "all, if there is none]",
)  # fmt: skip
@click.option("--stack", help="The stack of both sides.  [default: current, or the first]")
@click.option("--stack-a", help="The stack of BASE.")
@click.option("--stack-b", help="The stack of HEAD.")
@threshold_option
@budget_option
@click.option(
    "--command", "commands", multiple=True, metavar="COMMAND",
    help="Compare two shell commands instead: give it twice.",
)  # fmt: skip
@click.option("--prepare", metavar="COMMAND", help="What runs before each command, untimed.")
@click.option("--cwd-a", type=FOLDER, help="Where the first command runs.  [default: here]")
@click.option("--cwd-b", type=FOLDER, help="Where the second one runs.  [default: here]")
@click.option(
    "--timeout", default="10m", show_default=True, callback=parse_duration, metavar="DURATION",
    help="How long a command may take.",
)  # fmt: skip
@click.option(
    "--asv", is_flag=True,
    help="Of any asv project: install each commit as asv does; --stack is asv's name of an "
    "environment.",
)  # fmt: skip
@click.option("--anyway", is_flag=True, help="Measure also where both sides are the same.")
@resume_option
@json_option
@markdown_option
def command(
    base: str | None, head: str | None, history: bool, bench: re.Pattern[str] | None,
    stack: str | None, stack_a: str | None, stack_b: str | None, threshold: float, budget: float,
    commands: tuple[str, ...], prepare: str | None, cwd_a: Path | None, cwd_b: Path | None,
    timeout: float, asv: bool, anyway: bool, resume: bool, json_file: Path | None,
    markdown: Path | None,
) -> None:  # fmt: skip
    """Compare BASE with HEAD, or with the working tree: speed, load, memory and answers.

    With --stack-a and --stack-b and no HEAD it is two stacks on BASE. Each cell is launched in
    pairs of fresh processes that are called in turn. It ends with 1 if a cell is slower, worse or
    broke, and with 3 if nothing could be measured.

    With --command, given twice, it is two shell commands, run in turn: the time, the CPU and the
    peak memory of each.
    """
    require_files(json_file, markdown)
    if commands or prepare or cwd_a or cwd_b:
        if base or stack or stack_a or stack_b or bench or resume or history or asv:
            raise click.UsageError("--command compares two commands, and nothing else")
        if len(commands) != 2:
            raise click.UsageError("--command has to be given twice: two commands are compared")
        folders = (cwd_a or Path(), cwd_b or Path())
        findings = compare_commands(commands, folders, prepare, Plan(threshold, budget), timeout)
        hand_over(commands, findings, json_file, markdown)
    if history:
        if base or stack or stack_a or stack_b or resume or json_file or markdown or asv:
            raise click.UsageError(
                "--history reads results and compares nothing: give it --bench alone"
            )
        show_history(bench or re.compile("."))
        return
    if base is None:
        raise click.UsageError("Missing argument 'BASE'.")
    config = load_config()
    asked = Asked(base, head, stack, stack_a, stack_b, asv)
    if not anyway and (equal := equal_labels(config, asked)):
        _end_equal(equal, json_file, markdown)
    sides = make_sides(config, asked)
    if not anyway and sides.equal:
        _end_equal(sides.labels, json_file, markdown)
    cells = shared_cells(sides, bench)
    plan = Plan(threshold, budget, read_thresholds(Path(config.repo)))
    require_time(plan, len(cells))
    run = measure_cells(sides, cells, plan, sides.state(config, cells), resume=resume)
    findings = find(run)
    hand_over(sides.labels, findings, json_file, markdown, why_of(sides, cells, findings))


def _end_equal(labels: Sequence[str], json_file: Path | None, markdown: Path | None) -> NoReturn:
    log(
        f"{labels[0]} and {labels[1]} have the same code and the same packages, so there is "
        "nothing to tell apart: --anyway measures them all the same"
    )
    hand_over(labels, [], json_file, markdown)
