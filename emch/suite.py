"""Runs the asv suite over the stacks, one stack and backend at a time, and knows what is done."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from asv.config import Config
from asv.results import iter_results_for_machine_and_hash

from emch.asv_results import load_benchmarks, measured_cells
from emch.errors import EmchError
from emch.stacks import Stack

JUST_DISCOVER = "just-discover"
"""What asv takes for: find the benchmarks, and run none."""


@dataclass(frozen=True)
class Part:
    """The benchmarks of one backend in one stack that have no result yet.

    Attributes
    ----------
    stack, backend : str
        By label and name.
    classes : tuple of str
        The benchmark classes, as asv names them.
    """

    stack: str
    backend: str
    classes: tuple[str, ...]

    def pattern(self, chosen: str) -> str:
        """Return the regular expression for asv that selects this part of what is `chosen`."""
        classes = "|".join(map(re.escape, self.classes))
        return rf"^(?=.*?(?:{chosen}))(?:{classes})\..*'{re.escape(self.backend)}'"


def discover(stack: Stack, machine: str) -> None:
    """Let asv make a stack's environment, if need be, and write down which benchmarks there are."""
    _asv_run(stack.label, machine, JUST_DISCOVER)


def missing_parts(
    config: Config, stacks: Sequence[Stack], machine: str, commit: str, chosen: str
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
    chosen : str
        A regular expression that asv's full names of cells have to match.
    """
    benchmarks = load_benchmarks(config)
    parts = []
    for stack in stacks:
        done = _done_cells(config, stack, machine, commit, benchmarks)
        for backend in stack.backends:
            cells = set(_cells(benchmarks, backend, chosen))
            if classes := sorted({owner for owner, _ in cells - done}):
                parts.append(Part(stack.label, backend, tuple(classes)))
    return parts


def run_part(part: Part, machine: str, chosen: str) -> None:
    """Run a part through asv; a benchmark that fails is kept as failed, and is no error here."""
    _asv_run(part.stack, machine, part.pattern(chosen))


def head(config: Config) -> str:
    """Return the hash of the commit that is checked out."""
    command = ["git", "-C", config.repo, "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


Cell = tuple[str, tuple[str, ...]]


def _cells(benchmarks: Mapping[str, Any], backend: str, chosen: str) -> Iterator[Cell]:
    """Yield each class and cell of a backend that is chosen."""
    for name, benchmark in benchmarks.items():
        for cell in product(*benchmark["params"]):
            if f"'{backend}'" in cell and re.search(chosen, f"{name}({', '.join(cell)})"):
                yield name.rsplit(".", 1)[0], cell


def _done_cells(
    config: Config, stack: Stack, machine: str, commit: str, benchmarks: Mapping[str, Any]
) -> set[Cell]:
    """Return the cells for which any benchmark of their class has a value."""
    done: set[Cell] = set()
    for results in iter_results_for_machine_and_hash(config.results_dir, machine, commit[:8]):
        if results.env_name != f"emch-{stack.label}":
            continue
        for name in results.get_result_keys(benchmarks):
            for _, cell, _ in measured_cells(results, name, benchmarks[name]["params"]):
                done.add((name.rsplit(".", 1)[0], cell))
    return done


def _asv_run(stack: str, machine: str, pattern: str) -> None:
    command = [sys.executable, "-m", "asv", "run", "--machine", machine, "--record-samples"]
    command += ["--show-stderr", "-E", f"emch-{stack}", "--bench", pattern, "HEAD^!"]
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    # asv ends with 2 when a benchmark failed: that is a result, and in its table.
    if done.returncode not in (0, 2):
        raise EmchError(f"'asv run' in the stack '{stack}' ended with status {done.returncode}")
