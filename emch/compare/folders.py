"""The folders that measuring processes run in, with what `setup_cache` left there."""

import hashlib
from pathlib import Path

from emch.compare.side.emch_side.place import CACHE
from emch.compare.side.emch_side.suite import TIMED
from emch.compare.sides import Side
from emch.compare.workers import fill_cache
from emch.tracking.results import Cell


def run_folder(kept: Path, launch: Path, name: str, side: Side, cell: Cell) -> Path:
    """Return the folder for a cell of a side; what has no `setup_cache` has an empty one.

    A timing's cache is data that it needs, and is made once for a comparison. That of another
    benchmark may hold the very figure that it reports, and is made anew in each launch.

    Parameters
    ----------
    kept : Path
        Where the caches of this comparison are kept.
    launch : Path
        The folder of this launch.
    name : {"A", "B"}
        The side.
    side : Side
        Its code.
    cell : Cell
        What is measured.

    Raises
    ------
    WorkerEnded
        The `setup_cache` fails.
    """
    if cell.cache is None or cell.kind not in TIMED:
        folder = launch / name
        folder.mkdir()
        if cell.cache is not None:
            fill_cache(name, side, cell, folder)
        return folder
    key = hashlib.sha256(f"{side.label} {cell.cache}".encode()).hexdigest()[:16]
    folder = kept / f"{name}-{key}"
    if not (folder / CACHE).is_file():
        folder.mkdir(exist_ok=True)  # it is there after a function that failed
        fill_cache(name, side, cell, folder)
    return folder
