"""How often `emch compare` is wrong on identical code, and how often it finds a slowdown.

    python -m evaluation.compare_power [--trials N] [--slowdown PERCENT ...] [--beside-a-burner]

A trial compares the working tree with a copy of it, in the stack `current`, for at most 90 seconds:
one cell at the default settings. In the copy a call is followed by a busy loop that takes the
given share of the call's own time; 0 is identical code. Cells take turns. Printed
are the verdicts of each trial as it ends, and their counts with the seconds they took.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from emch.compare.findings import find
from emch.compare.processes import Cell, list_cells
from emch.compare.run import Plan, measure
from emch.compare.sides import Side, make_side
from emch.stacks import load_config

PLAN = Plan(threshold=0.03, budget_s=90.0)
CELLS = (
    "sentence_latency.Warm.time_batch('sentences-16', 'onnxruntime', 1)",
    "sentence_latency.Warm.time_batch('sentences-128', 'onnxruntime-int8', 1)",
    "sentence_latency.Warm.time_batch('sentences-128', 'openvino', 1)",
)
CALL = "        self.encode()\n"
SLOWED = """\
        import time
        start = time.perf_counter()
        self.encode()
        end = time.perf_counter()
        end += {share} * (end - start)
        while time.perf_counter() < end:
            pass
"""
BURNER = """\
import random, time
while True:
    end = time.perf_counter() + random.expovariate(1)
    while time.perf_counter() < end:
        pass
    time.sleep(random.expovariate(1))
"""


def main() -> None:
    """Print the verdicts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--slowdown", type=float, nargs="+", default=[0, 3, 5, 10, 20])
    parser.add_argument("--beside-a-burner", action="store_true")
    chosen = parser.parse_args()
    side = make_side(load_config(), "current", None)
    cells = [cell for cell in list_cells(side) if cell.name in CELLS]
    with tempfile.TemporaryDirectory() as folder, burner(running=chosen.beside_a_burner):
        for percent in chosen.slowdown:
            other = slowed(side, percent / 100, Path(folder) / str(percent))
            verdicts: Counter[str] = Counter()
            seconds = []
            for trial in range(chosen.trials):
                start = time.perf_counter()
                word = compare(side, other, cells[trial % len(cells)], Path(folder))
                seconds.append(time.perf_counter() - start)
                verdicts[word] += 1
                print(f"{percent:4} % {word:8} {seconds[-1]:6.1f} s", file=sys.stderr, flush=True)
            counts = ", ".join(f"{count} {word}" for word, count in verdicts.most_common())
            print(f"{percent:4} %: {counts}; median {median(seconds):.0f} s", flush=True)


def compare(side: Side, other: Side, cell: Cell, folder: Path) -> str:
    """Return the verdict on the time; which side the copy is, is drawn by lot."""
    swapped = random.random() < 0.5  # noqa: S311 - a lot, not a secret
    sides = (other, side) if swapped else (side, other)
    (*_, measured) = measure(sides, [cell], PLAN, folder / "state", resume=False)
    word = next(found.verdict for found in find(measured, PLAN) if found.what == "time")
    return {"slower": "faster", "faster": "slower"}.get(word, word) if swapped else word


def slowed(side: Side, share: float, folder: Path) -> Side:
    """Return a copy of a side whose calls take longer."""
    for name in ("emch", "benchmarks"):
        shutil.copytree(side.folder / name, folder / name)
    suite = folder / "benchmarks" / "sentence_latency.py"
    text = suite.read_text(encoding="utf-8")
    if CALL not in text:
        raise SystemExit(f"{suite} has no line {CALL!r}")
    if share:
        suite.write_text(text.replace(CALL, SLOWED.format(share=share)), encoding="utf-8")
    return Side(f"{share:.0%} slower", side.python, folder)


@contextmanager
def burner(*, running: bool) -> Iterator[None]:
    """Let a process burn one core in random bursts, a second of work and of rest on average."""
    if not running:
        yield
        return
    process = subprocess.Popen([sys.executable, "-c", BURNER])
    try:
        yield
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
