"""How often `emch compare` is wrong on identical code, and how often it finds a change.

    python -m evaluation.compare_power [--trials N] [--slowdown PERCENT ...] [--beside burner]

A trial compares the working tree with a copy of it, in the stack `current`: one cell, at the
default threshold, for at most 90 seconds. A slowdown of 0 is identical code. Otherwise the copy's
calls take that much longer, its peak of memory is 10 % higher, and one weight of its model differs.
Cells take turns. Each trial is printed, and appended to `evaluation/trials.jsonl`.
"""

import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from emch.compare.findings import find
from emch.compare.schedule import Plan, measure
from emch.compare.sides import Side, make_side
from emch.compare.workers import list_cells
from emch.tracking.results import Cell
from emch.tracking.stacks import load_config
from evaluation import changed
from evaluation.trials import Trial, append, read_arguments

PLAN = Plan(threshold=0.03, budget_s=90.0)
MIRRORED = {"slower": "faster", "faster": "slower", "worse": "better", "better": "worse"}


def main() -> None:
    """Run the trials, and print each."""
    chosen = read_arguments("trials", 40)
    side = make_side(load_config(), "current", None)
    cells = [cell for cell in list_cells(side) if cell.name in changed.CELLS]
    with tempfile.TemporaryDirectory() as name:
        copies = {percent: make_copy(side, percent, Path(name)) for percent in chosen.slowdown}
        with changed.burner(running=chosen.beside == "burner"):
            for number in range(chosen.trials):
                for percent, copy in copies.items():
                    start = time.perf_counter()
                    cell = cells[number % len(cells)]
                    trial = Trial(
                        tool="emch compare",
                        slowdown=percent,
                        beside=chosen.beside,
                        cell=cell.name,
                        verdicts=compare(side, copy, cell, Path(name)),
                        seconds=round(time.perf_counter() - start, 1),
                    )
                    append(trial)
                    print(f"{percent:g} %", trial.verdicts, trial.seconds, flush=True)


def make_copy(side: Side, percent: float, parent: Path) -> Side:
    """Return a copy of a side with the change."""
    folder = parent / f"{percent:g}"
    changed.copy_project(side.folder, folder)
    if percent:
        changed.slow(folder, percent / 100)
        changed.fatten(folder, 0.1)
        changed.perturb(folder)
    return replace(side, label=f"{percent:g} % slower", folder=folder)


def compare(side: Side, copy: Side, cell: Cell, folder: Path) -> dict[str, str]:
    """Return the verdicts on the copy; whether it is A or B is random."""
    swapped = random.random() < 0.5  # noqa: S311 - a lot, not a secret
    sides = (copy, side) if swapped else (side, copy)
    (*_, run) = measure(sides, [cell], PLAN, folder / "state", resume=False)
    words = {found.what: found.verdict for found in find(run)}
    return {what: MIRRORED.get(word, word) if swapped else word for what, word in words.items()}


if __name__ == "__main__":
    main()
