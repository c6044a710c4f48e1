"""The calibration of `emch doctor --noise`: what is compared with itself, and where it is kept."""

import re

from emch.cli.console import log, progress
from emch.compare.calibration import LAUNCHES, Noise, calibrate, write_noise
from emch.compare.side.emch_side.suite import TIMED
from emch.compare.sides import make_side
from emch.compare.workers import list_cells
from emch.errors import Unavailable
from emch.tracking.parts import backend_of
from emch.tracking.stacks import default_stack, load_config

CELLS = re.compile(r"Warm\.time_batch\('sentences-(16|128)', 'onnxruntime(-int8)?', 1\)")
"""Short calls, where noise shows most, of two precisions."""

MOST = 4
"""Cells of a suite that has none of those."""


def measure_noise() -> Noise:
    """Compare the working tree with itself, and keep the result in the cache."""
    config = load_config()
    stack = default_stack(config)
    side = make_side(config, stack.label, None)
    timings = (cell for cell in list_cells(side) if cell.kind in TIMED)
    every = [cell for cell in timings if backend_of(cell) in (None, *stack.backends)]
    cells = [cell for cell in every if CELLS.search(cell.name)] or every[:MOST]
    if not cells:
        raise Unavailable(f"the benchmarks of {side.label} have no timings to measure noise by")
    log(f"{side.label} with itself: {LAUNCHES} launches of each of {len(cells)} cells")
    with progress.status("measuring ...") as status:
        found = calibrate(side, cells, status.update)
    if not found.sd:
        raise Unavailable("nothing could be measured: 'emch prepare' makes what the cells load")
    write_noise(found)
    return found
