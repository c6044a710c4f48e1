"""Runs the asv suite over the stacks, one stack and backend at a time, and knows what is done."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from asv.config import Config

from emch.errors import EmchError
from emch.tracking.command import run_asv
from emch.tracking.files import reading
from emch.tracking.reader import load_benchmarks, load_results, results_path
from emch.tracking.results import BROKEN, Cell, measured_cells
from emch.tracking.stacks import Stack

JUST_DISCOVER = "just-discover"
"""What asv takes for: find the benchmarks, and run none."""


@dataclass(frozen=True)
class Part:
    """The cells of one backend in one stack that have no result yet.

    Attributes
    ----------
    stack, backend : str
        By label and name.
    cells : set of Cell
        Which.
    """

    stack: str
    backend: str
    cells: frozenset[Cell]

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
    """Return what a commit lacks on a machine.

    Parameters
    ----------
    config : Config
        Of asv.
    stacks : sequence of Stack
        The stacks to look at.
    machine, commit : str
        Whose results.
    chosen : Pattern
        What asv's full names of cells have to match.
    """
    benchmarks = load_benchmarks(config)
    parts = []
    for stack in stacks:
        done = _done_cells(config, stack, machine, commit, benchmarks)
        for backend in stack.backends:
            if missing := frozenset(_cells(benchmarks, backend, chosen)) - done:
                parts.append(Part(stack.label, backend, missing))
    return parts


def run_part(part: Part, machine: str) -> None:
    """Run a part through asv; a benchmark that fails is kept as failed, and is no error here."""
    _asv_run(part.stack, machine, part.pattern)


def _cells(benchmarks: Mapping[str, Any], backend: str, chosen: re.Pattern[str]) -> Iterator[Cell]:
    """Yield each cell of a backend that is chosen."""
    for name, benchmark in benchmarks.items():
        for params in product(*benchmark["params"]):
            cell = Cell(name, params)
            if f"'{backend}'" in params and chosen.search(cell.name):
                yield cell


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
