"""A suite that is small enough to see through, as a side of a comparison."""

import sys
import tempfile
import textwrap
from pathlib import Path

from emch.compare.findings import Finding, find
from emch.compare.launch import Launch
from emch.compare.pair import launch_pair
from emch.compare.schedule import Plan, measure
from emch.compare.sides import Side
from emch.tracking.results import Cell

SUITE = """
import time

import numpy as np

class Toy:
    params = (["onnxruntime"], [1, 2])
    param_names = ("backend", "size")
    timeout = 5

    def setup(self, backend, size):
        {setup}

    def time_it(self, backend, size):
        end = time.perf_counter() + {seconds}
        while time.perf_counter() < end:
            pass

    def answers(self, backend, size):
        return {{"hit rate": {rate}, "embeddings": np.full((2, 2), {value}, dtype=np.float32)}}
"""
CELL = Cell("toy.Toy.time_it", ("'onnxruntime'", "1"))
PLAN = Plan(threshold=0.03, budget_s=120.0)


def make(
    folder: Path,
    *,
    seconds: float = 0.002,
    setup: str = "pass",
    rate: float = 0.5,
    value: float = 1,
) -> Side:
    (folder / "benchmarks").mkdir(parents=True)
    (folder / "benchmarks" / "__init__.py").touch()
    suite = SUITE.format(seconds=seconds, setup=setup, rate=rate, value=value)
    (folder / "benchmarks" / "toy.py").write_text(textwrap.dedent(suite))
    return Side(folder.name, sys.executable, folder, "benchmarks", (".", "src"), "emch")


def launch(one: Side, other: Side, cell: Cell = CELL) -> Launch:
    with tempfile.TemporaryDirectory() as kept:
        return launch_pair((one, other), cell, "A", Path(kept), 0.1)


def compare(one: Side, other: Side, tmp_path: Path, cell: Cell = CELL) -> list[Finding]:
    (*_, run) = measure((one, other), [cell], PLAN, tmp_path / "state", resume=False)
    return find(run)
