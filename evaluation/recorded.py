"""Launches of identical code, recorded, so that a change of statistics costs no machine time.

    python -m evaluation.recorded [--launches N] [--beside burner]

launches the working tree beside itself in the default cells of `emch compare`, in turn, and appends
each launch to `evaluation/launches/`, a file for what runs beside it. A launch measures for
`LAUNCH_S`, longer than one of `emch compare`: `shortened` makes a shorter one of it.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from emch.cli.compare_sides import DEFAULT_BENCH
from emch.compare.launch import NAMES, Launch
from emch.compare.pair import launch_pair
from emch.compare.sides import make_side
from emch.compare.workers import list_cells
from emch.tracking.stacks import load_config
from evaluation import changed

FOLDER = Path(__file__).with_name("launches")
LAUNCH_S = 4.0
KEPT = ("quadruples", "call_s", "load_s", "peak_rss_bytes", "seconds")


def main() -> None:
    """Record, and say which launch it is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--launches", type=int, default=16)
    parser.add_argument("--beside", choices=["nothing", "burner"], default="nothing")
    chosen = parser.parse_args()
    side = make_side(load_config(), "current", None)
    cells = [cell for cell in list_cells(side) if DEFAULT_BENCH.search(cell.name)]
    with (
        changed.burner(running=chosen.beside == "burner"),
        tempfile.TemporaryDirectory() as kept,
        gzip.open(FOLDER / f"{chosen.beside}.jsonl.gz", "at", encoding="utf-8") as stream,
    ):
        for turn in range(chosen.launches):
            for cell in cells:
                start = time.perf_counter()
                launch = launch_pair([side, side], cell, NAMES[turn % 2], Path(kept), LAUNCH_S)
                if launch.skipped:
                    continue
                launch = replace(launch, seconds=time.perf_counter() - start)
                found = {name: value for name, value in asdict(launch).items() if name in KEPT}
                stream.write(json.dumps(rounded({"cell": cell.name, **found})) + "\n")
                print(turn, cell.name, flush=True)


def rounded(found: object) -> object:
    """Return numbers with six digits, which is more than the noise leaves of them."""
    if isinstance(found, float):
        return float(f"{found:.6g}")
    if isinstance(found, dict):
        return {name: rounded(each) for name, each in found.items()}
    return [rounded(each) for each in found] if isinstance(found, list) else found


def read(beside: str) -> dict[str, list[Launch]]:
    """Return the launches that were recorded beside something, by cell."""
    found: dict[str, list[Launch]] = defaultdict(list)
    for line in _lines(FOLDER / f"{beside}.jsonl.gz"):
        fields = json.loads(line)
        found[fields.pop("cell")].append(Launch(**fields))
    return found


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from stream


def shortened(launch: Launch, seconds: float) -> Launch:
    """Return the launch as it would have been after fewer seconds of measuring."""
    kept = launch.quadruples[: max(1, round(len(launch.quadruples) * seconds / LAUNCH_S))]
    return replace(launch, quadruples=kept, seconds=launch.seconds - LAUNCH_S + seconds)


if __name__ == "__main__":
    main()
