"""One launch of a pair: two fresh processes, both loaded and warmed, called in turn."""

import itertools
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from emch.compare.folders import run_folder
from emch.compare.launch import LAUNCH_S, NAMES, Launch
from emch.compare.side.emch_side.suite import TIMED
from emch.compare.sides import Side
from emch.compare.workers import Worker, start_worker
from emch.errors import WorkerEnded
from emch.tracking.results import Cell

QUADRUPLE = "ABBA"
OTHER = str.maketrans("AB", "BA")

TURN_S = 0.01
"""Seconds of a turn, a short one: the speed of a shared machine drifts in a tenth of a second."""


def launch_pair(
    sides: Sequence[Side], cell: Cell, first: str, kept: Path, seconds: float = LAUNCH_S
) -> Launch:
    """Load both sides and measure them in turn.

    Both load at the same time, so neither is the one that loads undisturbed.

    Parameters
    ----------
    sides : sequence of two Side
        A and B.
    cell : Cell
        What to measure.
    first : {"A", "B"}
        The side that is started and measured first.
    kept : Path
        The folder for what `setup_cache` makes, the same in all launches of a comparison.
    seconds : float
        How long calls are measured.
    """
    order = sorted(NAMES, reverse=first == "B")
    with tempfile.TemporaryDirectory(prefix="emch-") as place, ExitStack() as stack:
        files = {name: Path(place) / f"{name}.npy" for name in NAMES}
        workers, failed = {}, {}
        for name in order:
            side = sides[NAMES.index(name)]
            try:
                folder = run_folder(kept, Path(place), name, side, cell)
            except WorkerEnded as ended:
                failed[name] = str(ended)
                continue
            workers[name] = stack.enter_context(start_worker(name, side, cell, folder, files[name]))
        ready: dict[str, dict[str, Any]] = {}
        for name, worker in workers.items():
            try:
                ready[name] = worker.ask()
            except WorkerEnded as ended:
                failed[name] = str(ended)
            worker.stop()
        if unfit := _unfit(failed, ready):
            return unfit
        if cell.kind not in TIMED:
            return _values(workers, order)
        try:
            quadruples = list(_quadruples(workers, first, seconds))
        except WorkerEnded as ended:
            return Launch(failed={ended.name: str(ended)})
        timed = Launch(
            quadruples=[_median_turns(quadruple) for quadruple in quadruples],
            call_s=[_median_call(quadruples, name) for name in NAMES],
            answers=[ready[name]["answers"] for name in NAMES],
            distance=_distance([files[name] for name in NAMES]),
        )
        if not all(side.whole_process for side in sides):
            return timed
        return replace(
            timed,
            load_s=[ready[name]["load_s"] for name in NAMES],
            peak_rss_bytes=[_peak(quadruples, name) for name in NAMES],
        )


def _unfit(failed: Mapping[str, str], said: Mapping[str, Mapping[str, Any]]) -> Launch | None:
    """Return the launch of a cell that a side failed at or skips; None where both are well."""
    skipped = {name: each["skipped"] for name, each in said.items() if "skipped" in each}
    if len(skipped) == len(NAMES):
        return Launch(skipped=skipped["B"])
    if failed or skipped:  # if only one side cannot run it, the cause is not this machine
        return Launch(failed={**failed, **skipped})
    return None


def _values(workers: Mapping[str, Worker], order: Sequence[str]) -> Launch:
    """Ask each side for the one value of a benchmark that is no timing."""
    failed, said = {}, {}
    for name in order:
        workers[name].go_on()
        try:
            said[name] = workers[name].ask(seconds=0)
        except WorkerEnded as ended:
            failed[name] = str(ended)
        workers[name].stop()
    return _unfit(failed, said) or Launch(
        value=[said[name]["calls"][0] for name in NAMES], answers=({}, {})
    )


Quadruple = list[tuple[str, dict[str, Any]]]


def _quadruples(workers: Mapping[str, Worker], first: str, seconds: float) -> Iterator[Quadruple]:
    """Yield quadruples of turns, alternately ABBA and BAAB, until the time is up.

    The side that rests is stopped: an engine's threads go on waiting for work in a busy loop for a
    while, which would slow the other side.
    """
    end = time.perf_counter() + seconds
    orders = [QUADRUPLE, QUADRUPLE.translate(OTHER)]
    for order in itertools.cycle(orders if first == "A" else orders[::-1]):
        quadruple = []
        for name in order:
            workers[name].go_on()
            quadruple.append((name, workers[name].ask(seconds=TURN_S)))
            workers[name].stop()
        yield quadruple
        if time.perf_counter() >= end:
            return


def _calls(answer: Mapping[str, Any]) -> list[float]:
    """Leave out the first call, which finds the other side in the caches, where there are more."""
    calls: list[float] = answer["calls"]
    return calls[1:] or calls


def _median_turns(quadruple: Quadruple) -> list[float]:
    """Return the median calls of the turns of A, and then those of B."""
    return [median(_calls(answer)) for _, answer in sorted(quadruple, key=itemgetter(0))]


def _median_call(quadruples: Sequence[Quadruple], side: str) -> float:
    return median(
        call
        for quadruple in quadruples
        for name, answer in quadruple
        for call in _calls(answer)
        if name == side
    )


def _peak(quadruples: Sequence[Quadruple], side: str) -> float:
    return max(
        float(answer["peak_rss_bytes"])
        for each in quadruples
        for name, answer in each
        if name == side
    )


def _distance(files: Sequence[Path]) -> float | None:
    if not all(path.is_file() for path in files):
        return None
    one, other = (np.load(path, allow_pickle=False) for path in files)
    if one.shape != other.shape:
        return float("inf")
    return float(np.linalg.norm(one - other, axis=1).max())
