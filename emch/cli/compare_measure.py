"""What `emch compare` and `emch upgrade` share: measuring cells of two sides, with what is said."""

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from emch.cli.compare_result import say_disturbances
from emch.cli.compare_sides import Sides
from emch.cli.console import log, progress, say_quota
from emch.compare.calibration import read_noise
from emch.compare.findings import CHANGED, MAIN, Finding
from emch.compare.launch import LAUNCH_S
from emch.compare.launched import Run
from emch.compare.reasons import reasons_of_all
from emch.compare.schedule import Plan, measure, more_seconds
from emch.compare.statistics import LOOKS
from emch.errors import InvalidInput
from emch.tracking.results import Cell


def require_time(plan: Plan, cell_count: int) -> None:
    """Refuse a budget that brings no cell to its first look."""
    least = cell_count * LOOKS[0] * LAUNCH_S
    if plan.budget_s < least:
        raise InvalidInput(
            f"a budget of {plan.budget_s:.0f} s is too small for a first verdict on every cell "
            f"(here {cell_count}), which takes more than {least:.0f} s: raise --budget, or choose "
            "fewer with --bench"
        )


def measure_cells(
    sides: Sides, cells: Sequence[Cell], plan: Plan, state: Path, *, resume: bool
) -> Run:
    """Measure until all is settled or the budget is spent; say how it goes on stderr."""
    one, other = sides.labels
    log(f"A is {one}, B is {other}; cells: {len(cells)}")
    say_quota()
    log(_noise(plan, len(cells)))
    try:
        with progress.status("loading ...") as status:
            for run in measure(sides.both, cells, plan, state, resume=resume):
                spent = sum(each.seconds for each in run.cells)
                settled = sum(each.settled for each in run.cells)
                status.update(
                    f"{settled} of {len(cells)} cells settled, "
                    f"{spent:.0f} of {plan.budget_s:.0f} s spent"
                )
    except KeyboardInterrupt:
        log(f"interrupted; what was measured is in {state}, and --resume goes on")
        raise
    say_disturbances(run)
    log(_outcome(run))
    return run


def why_of(
    sides: Sides, cells: Sequence[Cell], findings: Sequence[Finding]
) -> dict[str, list[str]]:
    """Return what differs between the sides, for each cell whose time or value changed."""
    changed = {each.cell for each in findings if each.verdict in CHANGED and each.what in MAIN}
    with progress.status("looking for what differs ..."):
        return reasons_of_all(sides.both, [cell for cell in cells if cell.name in changed])


def _outcome(run: Run) -> str:
    """Say how many cells are settled, how many no look will settle, and what the others need."""
    clear = [each for each in run.cells if each.settled and each.is_clear]
    needs = [more_seconds(run, each) for each in run.cells if not each.settled]
    hopeless = len(run.cells) - len(clear) - sum(map(math.isfinite, needs))
    said = [f"{len(clear)} of {len(run.cells)} cells have a verdict"]
    if hopeless:
        said.append(f"{hopeless} are too noisy for {LOOKS[-1]} launches")
    if rest := [each for each in needs if math.isfinite(each)]:
        said.append(f"the other {len(rest)} would take about {sum(rest):.0f} s more")
    return "; ".join(said)


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
