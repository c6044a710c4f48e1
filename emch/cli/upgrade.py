"""`emch upgrade`: the stack that is there, and one of other versions, side by side."""

import re
from datetime import UTC, datetime
from pathlib import Path

import click
from asv.config import Config
from packaging.requirements import Requirement

from emch.cache import replace_file
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
from emch.cli.compare_sides import Sides, shared_cells
from emch.cli.console import log, out, progress, table
from emch.cli.parameters import parse_regex
from emch.compare.differences import changes
from emch.compare.findings import find
from emch.compare.schedule import Plan
from emch.compare.sides import Side, make_side
from emch.compare.thresholds import read_thresholds
from emch.compare.workers import list_cells
from emch.errors import InvalidInput
from emch.tracking.parts import backend_of
from emch.tracking.quickstart.config import FILE, stack_entry, with_stack
from emch.tracking.quickstart.package import find_package
from emch.tracking.stacks import (
    Stack,
    default_stack,
    find_installed,
    find_stacks,
    load_config,
    python_of,
    read_stacks,
)
from emch.tracking.upgrades import newest_pins, parse_asked, upgraded_pins


@click.command()
@click.argument("packages", nargs=-1, metavar="[PACKAGE==VERSION]...")
@click.option("--newest", is_flag=True, help="Take the newest release of all that is pinned.")
@click.option("--stack", help="The stack that is there.  [default: current, or the first]")
@click.option(
    "--bench", metavar="REGEX", callback=parse_regex,
    help="Of the names of cells, as in 'emch compare'.",
)  # fmt: skip
@threshold_option
@budget_option
@click.option("--dry-run", is_flag=True, help="Resolve the versions, and measure nothing.")
@click.option("--keep", is_flag=True, help="Add the stack to asv.conf.json.")
@resume_option
@json_option
@markdown_option
def command(
    packages: tuple[str, ...], newest: bool, stack: str | None, bench: re.Pattern[str] | None,
    threshold: float, budget: float, dry_run: bool, keep: bool, resume: bool,
    json_file: Path | None, markdown: Path | None,
) -> None:  # fmt: skip
    """Compare the stack that is there with one of other versions, to see if an upgrade is worth it.

    Packages that are not named stay as they are, if they can. What cannot be resolved is said in
    the resolver's words. Speed, load, memory and answers are compared as by 'emch compare', on the
    working tree; it ends with 1 if a cell is slower, worse or broke.
    """
    if newest == bool(packages):
        raise click.UsageError("say what to upgrade: PACKAGE==VERSION, or --newest for all")
    require_files(json_file, markdown)
    asked = parse_asked(packages)
    config = load_config()
    old = find_stacks(config, [stack])[0] if stack else default_stack(config)
    with progress.status(f"the stack {old.label} ..."):
        one = make_side(config, old.label, None)
    new = _resolve(config, old, one, asked)
    _show_changes("pinned", old, changes(old.pins, new.pins))
    if old.pins == new.pins:
        log(f"the stack {old.label} has these versions already, so there is nothing to compare")
        return
    entry = stack_entry(new.label, new.pins, python_of(config, old.label))
    config.include.append(entry)
    if dry_run:
        return
    with progress.status(f"installing the stack {new.label} ..."):
        other = make_side(config, new.label, None)
    sides = Sides([one, other], [old.pins, new.pins], frozenset(old.backends) & {*new.backends})
    cells = shared_cells(sides, bench)
    plan = Plan(threshold, budget, read_thresholds(Path(config.repo)))
    require_time(plan, len(cells))
    run = measure_cells(sides, cells, plan, sides.state(config, cells), resume=resume)
    findings = find(run)
    _show_changes("installed", old, _installed_changes(config, old, new))
    if keep:
        _keep(entry, new.label)
    hand_over(sides.labels, findings, json_file, markdown, why_of(sides, cells, findings))


def _resolve(config: Config, old: Stack, side: Side, asked: list[Requirement]) -> Stack:
    """Return the second stack, which can run all backends that the benchmarks name."""
    named = {backend_of(cell) for cell in list_cells(side)}
    backends = [name for name in old.backends if name in named]
    with progress.status("resolving ..."):
        if asked:
            pins = upgraded_pins(old.pins, backends, asked)
        else:
            package = find_package(Path(config.repo))
            pins = newest_pins(old.pins, backends, package.requires if package else ())
    label = "-".join((asked[0].name, pins[asked[0].name])) if len(asked) == 1 else "upgrade"
    taken = {stack.label for stack in read_stacks(config)}
    if label in taken or len(asked) != 1:
        label = f"{label}-{datetime.now(UTC):%Y-%m-%d}"
    if label in taken:
        raise InvalidInput(f"asv.conf.json has a stack '{label}' already: rename or remove it")
    return Stack(label, pins)


def _installed_changes(config: Config, old: Stack, new: Stack) -> list[tuple[str, str, str]]:
    both = [find_installed(config, each) for each in (old, new)]
    return changes(*(each.versions if each else {} for each in both))


def _show_changes(what: str, old: Stack, found: list[tuple[str, str, str]]) -> None:
    if not found:
        return
    shown = table(what, f"in {old.label}", "upgraded")
    for row in found:
        shown.add_row(*row)
    out.print(shown)
    out.print()


def _keep(entry: dict[str, object], label: str) -> None:
    path = Path(FILE)
    replace_file(path, with_stack(path.read_text(encoding="utf-8"), entry))
    log(f"{FILE} has the stack {label} now: 'emch track --stack {label}' measures it")
