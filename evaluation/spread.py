"""Where the spread between launches of identical code comes from.

    python -m evaluation.spread [--launches N]

Each row of the table launches the working tree beside itself, N times for each of two cells, with
one thing about the processes changed; rows take turns. `between` is the standard deviation of the
logarithm of a launch's ratio. `within` is what would be left of it if launches differed by chance
of their turns alone: the standard error of a launch's median by the spread of its quadruples,
whose neighbours are taken together in blocks since they are alike.
"""

import argparse
import math
import shlex
import shutil
import stat
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev

from emch.compare import workers
from emch.compare.launch import NAMES, Launch
from emch.compare.pair import launch_pair
from emch.compare.sides import Side, make_side
from emch.report.markdown import markdown_table
from emch.tracking.results import Cell
from emch.tracking.stacks import load_config
from evaluation.texts import replace_once

CELLS = tuple(
    Cell("sentence_latency.Warm.time_batch", ("'sentences-128'", repr(backend), "1"))
    for backend in ("onnxruntime", "onnxruntime-int8")
)
PREFIXES = {
    "as emch compare does": "",
    "addresses not random": "setarch -R",
    "one arena of malloc": "env MALLOC_ARENA_MAX=1",
    "huge pages for malloc": "env GLIBC_TUNABLES=glibc.malloc.hugetlb=1",
    "one CPU": "taskset -c 0",
}
FIXED_HEAP = "heap not random"
HEAP = "    _kept = random_heap()\n"
BLOCKS = 8


def main() -> None:
    """Launch, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--launches", type=int, default=16)
    count = parser.parse_args().launches
    side = make_side(load_config(), "current", None)
    found: dict[tuple[str, str], list[Launch]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as kept:
        sides = {name: prefixed(side, prefix, Path(folder)) for name, prefix in PREFIXES.items()}
        sides[FIXED_HEAP] = side
        for turn in range(count):
            for cell in CELLS:
                for name, each in sides.items():
                    workers.PATH = measuring(name, Path(folder))
                    launch = launch_pair([each, each], cell, NAMES[turn % 2], Path(kept))
                    found[name, cell.name].append(launch)
    rows = [[name, cell, *figures(each)] for (name, cell), each in sorted(found.items())]
    print(markdown_table(("processes", "cell", "launches", "between", "within"), rows), end="")


def prefixed(side: Side, prefix: str, folder: Path) -> Side:
    """Return the side with an interpreter that is started by a prefix."""
    if not prefix:
        return side
    script = folder / shlex.quote(prefix).replace("/", " ")
    script.write_text(f'#!/bin/sh\nexec {prefix} {shlex.quote(side.python)} "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return replace(side, python=str(script))


def measuring(name: str, folder: Path) -> Path:
    """Return the folder of the measuring process, without its random heap where the row says so."""
    own = Path(workers.__file__).with_name("side")
    if name != FIXED_HEAP:
        return own
    changed = folder / "side"
    if not changed.is_dir():
        shutil.copytree(own, changed)
        replace_once(changed / "emch_side" / "__main__.py", HEAP, "")
    return changed


def figures(found: Sequence[Launch]) -> list[str]:
    """Return the texts of a row's figures."""
    between = stdev(each.log_ratio("time") for each in found)
    within = math.sqrt(fmean(standard_error(each) ** 2 for each in found))
    return [str(len(found)), f"{between:.2%}", f"{within:.2%}"]


def standard_error(launch: Launch) -> float:
    """Return the standard error of a launch's ratio, by those of blocks of its quadruples."""
    size = len(launch.quadruples) // BLOCKS
    blocks = [
        replace(launch, quadruples=launch.quadruples[place * size : (place + 1) * size])
        for place in range(BLOCKS)
    ]
    return stdev(block.log_ratio("time") for block in blocks) / math.sqrt(BLOCKS)


if __name__ == "__main__":
    main()
