"""`emch compare`: two commits, or two stacks, with a verdict for each cell."""

import re
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import click
from asv.config import Config

from emch.cli.compare_commands import compare_commands
from emch.cli.compare_result import hand_over, say_disturbances
from emch.cli.console import log, progress, require_writable, say_quota
from emch.cli.history import show_history
from emch.cli.parameters import parse_duration, parse_percent, parse_regex
from emch.compare.calibration import read_noise
from emch.compare.findings import Finding, find
from emch.compare.launched import LaunchedCell
from emch.compare.launches import list_cells
from emch.compare.pair import LAUNCH_S
from emch.compare.schedule import Plan, measure
from emch.compare.sides import Side, make_side, state_file
from emch.compare.statistics import LOOKS
from emch.errors import InvalidInput
from emch.tracking.commits import resolve
from emch.tracking.parts import backend_of
from emch.tracking.results import Cell
from emch.tracking.stacks import Stack, default_stack, find_stacks, load_config

FILE = click.Path(path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
DEFAULT_BENCH = re.compile(
    r"Warm\.time_batch\('sentences-128', '(onnxruntime|openvino|ctranslate2|xla)[^']*', 1\)"
)
"""Cells that fit the default budget: an engine that imports PyTorch takes ten seconds to load."""


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
@click.option(
    "--threshold", default="3%", show_default=True, callback=parse_percent, metavar="PERCENT",
    help="The change that does not matter.",
)  # fmt: skip
@click.option(
    "--budget", default="10m", show_default=True, callback=parse_duration, metavar="DURATION",
    help="The time for all launches.",
)  # fmt: skip
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
@click.option("--anyway", is_flag=True, help="Measure also where both sides are the same.")
@click.option("--resume", is_flag=True, help="Go on where the same comparison was interrupted.")
@click.option("--json", "json_file", type=FILE, metavar="FILE", help="Write JSON as well.")
@click.option("--markdown", type=FILE, metavar="FILE", help="Write a table for a pull request.")
def command(
    base: str | None, head: str | None, history: bool, bench: re.Pattern[str] | None,
    stack: str | None, stack_a: str | None, stack_b: str | None, threshold: float, budget: float,
    commands: tuple[str, ...], prepare: str | None, cwd_a: Path | None, cwd_b: Path | None,
    timeout: float, anyway: bool, resume: bool, json_file: Path | None, markdown: Path | None,
) -> None:  # fmt: skip
    """Compare BASE with HEAD, or with the working tree: speed, load, memory and answers.

    With --stack-a and --stack-b and no HEAD it is two stacks on BASE. Each cell is launched in
    pairs of fresh processes that are called in turn. It ends with 1 if a cell is slower, worse or
    broke, and with 3 if nothing could be measured.

    With --command, given twice, it is two shell commands, run in turn: the time, the CPU and the
    peak memory of each.
    """
    for option, path in (("--json", json_file), ("--markdown", markdown)):
        if path is not None:
            require_writable(option, path)
    if commands or prepare or cwd_a or cwd_b:
        if base or stack or stack_a or stack_b or bench or resume or history:
            raise click.UsageError("--command compares two commands, and nothing else")
        if len(commands) != 2:
            raise click.UsageError("--command has to be given twice: two commands are compared")
        folders = (cwd_a or Path(), cwd_b or Path())
        findings = compare_commands(commands, folders, prepare, Plan(threshold, budget), timeout)
        hand_over(commands, findings, json_file, markdown)
    if history:
        if base or stack or stack_a or stack_b or resume or json_file or markdown:
            raise click.UsageError(
                "--history reads results and compares nothing: give it --bench alone"
            )
        show_history(bench or re.compile("."))
        return
    if base is None:
        raise click.UsageError("Missing argument 'BASE'.")
    config = load_config()
    stacks = _stacks(config, stack, stack_a, stack_b)
    commits = [resolve(config, base), head and resolve(config, head)]
    if head is None and stack_a and stack_b:
        commits[1] = commits[0]
    sides = [
        make_side(config, each.label, commit) for each, commit in zip(stacks, commits, strict=True)
    ]
    labels = [side.label for side in sides]
    if not anyway and stacks[0].pins == stacks[1].pins and sides[0].digest() == sides[1].digest():
        log(
            f"{labels[0]} and {labels[1]} have the same code and the same packages, so there is "
            "nothing to tell apart: --anyway measures them all the same"
        )
        hand_over(labels, [], json_file, markdown)
    cells = _cells(sides, stacks, bench)
    plan = Plan(threshold, budget)
    _require_time(plan, len(cells))
    findings = _measure(sides, cells, plan, _state(config, sides, stacks, cells), resume=resume)
    hand_over(labels, findings, json_file, markdown)


def _stacks(config: Config, both: str | None, one: str | None, other: str | None) -> list[Stack]:
    if both and (one or other):
        raise InvalidInput("--stack is for both sides: give it, or --stack-a and --stack-b")
    if bool(one) != bool(other):
        raise InvalidInput("--stack-a and --stack-b go together")
    if both is None and one is None:
        return 2 * [default_stack(config)]
    return find_stacks(config, (str(one or both), str(other or both)))


def _cells(
    sides: Sequence[Side], stacks: Sequence[Stack], bench: re.Pattern[str] | None
) -> list[Cell]:
    """Return the cells that both sides have, without those of backends that a stack lacks."""
    found = [list_cells(side) for side in sides]
    backends = {None, *(set(stacks[0].backends) & set(stacks[1].backends))}
    both = [cell for cell in found[1] if cell in found[0] and backend_of(cell) in backends]
    cells = [cell for cell in both if (bench or DEFAULT_BENCH).search(cell.name)]
    if not cells and bench is None:
        cells = both
    if not cells:
        like = f" is like '{bench.pattern}': choose with --bench" if bench else ": there is none"
        raise InvalidInput(f"no timing that both {sides[0].label} and {sides[1].label} have{like}")
    return cells


def _require_time(plan: Plan, cell_count: int) -> None:
    least = cell_count * LOOKS[0] * LAUNCH_S
    if plan.budget_s < least:
        raise InvalidInput(
            f"a budget of {plan.budget_s:.0f} s is too small for a first verdict on every cell "
            f"(here {cell_count}), which takes more than {least:.0f} s: raise --budget, or choose "
            "fewer with --bench"
        )


def _state(
    config: Config, sides: Sequence[Side], stacks: Sequence[Stack], cells: Sequence[Cell]
) -> Path:
    """Return the file that keeps the launches of this comparison for --resume.

    It is another file as soon as a side has other code, or its stack other pins.
    """
    what = [f"{side.label} {side.digest()}" for side in sides]
    what += [str(sorted(stack.pins.items())) for stack in stacks]
    what += [cell.name for cell in cells]
    return state_file(config, what)


def _measure(
    sides: Sequence[Side], cells: Sequence[Cell], plan: Plan, state: Path, *, resume: bool
) -> list[Finding]:
    launched: list[LaunchedCell] = []
    log(f"A is {sides[0].label}, B is {sides[1].label}; cells: {len(cells)}")
    say_quota()
    log(_noise(plan, len(cells)))
    try:
        with progress.status("loading ...") as status:
            for launched in measure(sides, cells, plan, state, resume=resume):
                spent = sum(each.seconds for each in launched)
                settled = sum(each.settled(len(cells), plan.threshold) for each in launched)
                status.update(
                    f"{settled} of {len(cells)} cells settled, "
                    f"{spent:.0f} of {plan.budget_s:.0f} s spent"
                )
    except KeyboardInterrupt:
        log(f"interrupted; what was measured is in {state}, and --resume goes on")
        raise
    say_disturbances(launched)
    return find(launched, plan)


def _noise(plan: Plan, cell_count: int) -> str:
    noise = read_noise()
    if noise is None:
        return "the noise of this machine is not known: 'emch doctor --noise' measures it"
    sd = median(noise.sd.values())
    least = noise.can_find(plan.budget_s, cell_count)
    found = f"finds changes from {least:.1%}" if least else "is too short for a verdict"
    return (
        f"noise by 'emch doctor --noise' of {noise.created}: {sd:.1%} between launches; "
        f"this budget {found} where the noise is such"
    )
