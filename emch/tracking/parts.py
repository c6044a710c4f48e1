"""Runs the asv suite over the stacks, one stack and backend at a time, and knows what is done.

A benchmark that names no backend, such as one of another project's own code, runs in every stack.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from asv.config import Config

from emch.backends.registry import BACKENDS
from emch.errors import EmchError
from emch.tracking.command import run_asv
from emch.tracking.files import reading
from emch.tracking.reader import load_benchmarks, load_results, results_path
from emch.tracking.results import BROKEN, Cell, measured_cells
from emch.tracking.stacks import Stack

JUST_DISCOVER = "just-discover"
"""asv's word for finding the benchmarks without running any."""


@dataclass(frozen=True)
class Part:
    """The cells of one backend in one stack that have no result yet.

    Attributes
    ----------
    stack : str
        By label.
    backend : str or None
        By name; None for the cells that name no backend.
    cells : set of Cell
        The cells that have no result yet.
    """

    stack: str
    backend: str | None
    cells: frozenset[Cell]

    @property
    def what(self) -> str:
        """The backend, or the words for what has none."""
        return self.backend or "benchmarks without a backend"

    @property
    def pattern(self) -> str:
        """The regular expression for asv that selects these cells and no other."""
        return f"^(?:{'|'.join(sorted(re.escape(cell.name) for cell in self.cells))})$"


def discover(stack: Stack, machine: str) -> None:
    """Let asv make a stack's environment, if need be, and write down which benchmarks there are."""
    _asv_run(stack.label, machine, JUST_DISCOVER)


def missing_parts(
    config: Config, stacks: Sequence[Stack], machine: str, commit: str, chosen: re.Pattern[str]
) -> list[Part]:
    """Return the parts that have no result of a commit on a machine.

    Parameters
    ----------
    config : Config
        asv's configuration.
    stacks : sequence of Stack
        The stacks to look at.
    machine, commit : str
        The machine and the commit whose results are looked at.
    chosen : Pattern
        What asv's full names of cells have to match.
    """
    benchmarks = load_benchmarks(config)
    cells = _cells_by_backend(benchmarks, chosen)
    parts = []
    for stack in stacks:
        done = _done_cells(config, stack, machine, commit, benchmarks)
        for backend in (*stack.backends, None):
            if missing := frozenset(cells[backend] - done):
                parts.append(Part(stack.label, backend, missing))
    return parts


def backend_of(cell: Cell) -> str | None:
    """Return the backend that a cell has for a parameter; None if there is none."""
    return next((name for name in BACKENDS if repr(name) in cell.params), None)


def run_part(part: Part, machine: str) -> None:
    """Run a part through asv; a benchmark that fails is kept as failed, and is no error here."""
    _asv_run(part.stack, machine, part.pattern)


def _cells_by_backend(
    benchmarks: Mapping[str, Any], chosen: re.Pattern[str]
) -> Mapping[str | None, set[Cell]]:
    """Return the cells that are chosen, by the backend that each names."""
    found: dict[str | None, set[Cell]] = defaultdict(set)
    for name, benchmark in benchmarks.items():
        for params in product(*benchmark["params"]):
            cell = Cell(name, params)
            if chosen.search(cell.name):
                found[backend_of(cell)].add(cell)
    return found


def _done_cells(
    config: Config, stack: Stack, machine: str, commit: str, benchmarks: Mapping[str, Any]
) -> set[Cell]:
    """Return the cells that have a value; those that failed or were skipped are tried again."""
    done: set[Cell] = set()
    path = results_path(config, machine, commit, f"emch-{stack.label}")
    if path.is_file():
        results = load_results(path, machine)
        with reading(path, BROKEN):
            for name in results.get_result_keys(benchmarks):
                for _, params, _ in measured_cells(results, name, benchmarks[name]["params"]):
                    done.add(Cell(name, params))
    return done


def _asv_run(stack: str, machine: str, pattern: str) -> None:
    options = ["--machine", machine, "--record-samples", "--show-stderr"]
    status = run_asv("run", *options, "-E", f"emch-{stack}", "--bench", pattern, "HEAD^!")
    # asv ends with 2 when a benchmark failed: that is a result, and in its table.
    if status not in (0, 2):
        raise EmchError(f"'asv run' in the stack '{stack}' ended with status {status}")
