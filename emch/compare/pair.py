"""One launch of a pair: two fresh processes, both loaded and warmed, called in turn."""

import itertools
import math
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

from emch.compare.processes import Cell, Worker, WorkerEnded, start_worker
from emch.compare.sides import Side

SIDES = "ABBA"


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What one launch of a pair found.

    Attributes
    ----------
    log_ratios : sequence of float
        The logarithm of B over A of each quadruple of blocks, ABBA or BAAB.
    call_s : sequence of float
        The median call of A and of B.
    load_s, peak_rss_bytes : sequence of float
        Of A and of B.
    answers : sequence of mapping
        What A and B answered, such as a hit rate.
    distance : float or None
        The greatest L2 distance between embeddings of A and B of one text.
    seconds : float
        That the launch took, from starting both processes to their end.
    conditions : sequence of str
        What was disturbing while it ran.
    failed : mapping of str to str
        The error of a side that could not be measured, by "A" or "B".
    skipped : str or None
        Why the cell is not for this machine.
    """

    log_ratios: Sequence[float] = ()
    call_s: Sequence[float] = ()
    load_s: Sequence[float] = ()
    peak_rss_bytes: Sequence[float] = ()
    answers: Sequence[Mapping[str, float]] = ()
    distance: float | None = None
    seconds: float = 0.0
    conditions: Sequence[str] = ()
    failed: Mapping[str, str] | None = None
    skipped: str | None = None

    def values(self, what: str) -> Sequence[float]:
        """Return a quantity of A and of B: time, memory or load."""
        return {"time": self.call_s, "memory": self.peak_rss_bytes, "load": self.load_s}[what]

    def log_ratio(self, what: str) -> float:
        """Return the logarithm of B over A of a quantity.

        Of the time it is the median of the quadruples, since disturbances hit single ones.
        """
        if what == "time":
            return median(self.log_ratios)
        old, new = self.values(what)
        return math.log(new / old)


def launch_pair(
    sides: Sequence[Side], cell: Cell, rng: random.Random, seconds: float, block_s: float
) -> Launch:
    """Load both sides and measure them in turn.

    Parameters
    ----------
    sides : sequence of two Side
        A and B.
    cell : Cell
        What to measure.
    rng : Random
        Chooses who is loaded and measured first.
    seconds, block_s : float
        Of measuring in all, and of a block.
    """
    first = rng.choice((0, 1))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        files = [Path(folder) / f"{name}.npy" for name in "AB"]
        workers: dict[int, Worker] = {}
        ready: list[dict[str, Any]] = [{}, {}]
        failed = {}
        for side in (first, 1 - first):  # one after the other, so that each load is undisturbed
            worker = stack.enter_context(start_worker(sides[side], cell, files[side]))
            workers[side] = worker
            try:
                ready[side] = worker.ask()
            except WorkerEnded as error:
                ready[side] = {"error": str(error)}
            if "error" in ready[side]:
                failed["AB"[side]] = ready[side]["error"]
        skipped = next((found["skipped"] for found in ready if "skipped" in found), None)
        if skipped is not None or failed:
            return Launch(failed=failed, skipped=skipped)
        try:
            blocks = list(_blocks(workers, first, seconds, block_s))
        except _SideEnded as ended:
            return Launch(failed={ended.name: str(ended)})
        return Launch(
            log_ratios=[_log_ratio(quadruple) for quadruple in blocks],
            call_s=[_median_call(blocks, name) for name in "AB"],
            load_s=[found["load_s"] for found in ready],
            peak_rss_bytes=[_peak(blocks, name) for name in "AB"],
            answers=[found["answers"] for found in ready],
            distance=_distance(files),
        )


Quadruple = list[tuple[str, dict[str, Any]]]


class _SideEnded(WorkerEnded):
    def __init__(self, name: str, error: WorkerEnded) -> None:
        super().__init__(str(error))
        self.name = name


def _blocks(
    workers: Mapping[int, Worker], first: int, seconds: float, block_s: float
) -> Iterator[Quadruple]:
    """Yield quadruples of blocks, alternately ABBA and BAAB, until the time is up.

    The side that rests is stopped: an engine's threads go on waiting for work in a busy loop for a
    while, which would slow the other side.
    """
    for worker in workers.values():
        worker.stop()
    end = time.perf_counter() + seconds
    for turn in itertools.count():
        order = [(name == "B") ^ bool((first + turn) % 2) for name in SIDES]
        quadruple = []
        for side in order:
            name = "AB"[side]
            try:
                workers[side].go_on()
                quadruple.append((name, workers[side].ask(seconds=block_s)))
                workers[side].stop()
            except WorkerEnded as error:
                raise _SideEnded(name, error) from error
        yield quadruple
        if time.perf_counter() >= end:
            return


def _calls(answer: Mapping[str, Any]) -> list[float]:
    """Leave out the first call, which finds the other side in the caches, where there are more."""
    calls: list[float] = answer["calls"]
    return calls[1:] or calls


def _log_ratio(quadruple: Quadruple) -> float:
    logs: dict[str, list[float]] = {"A": [], "B": []}
    for name, answer in quadruple:
        logs[name].append(float(np.log(median(_calls(answer)))))
    return fmean(logs["B"]) - fmean(logs["A"])


def _median_call(blocks: Sequence[Quadruple], side: str) -> float:
    return median(
        call
        for quadruple in blocks
        for name, answer in quadruple
        for call in _calls(answer)
        if name == side
    )


def _peak(blocks: Sequence[Quadruple], side: str) -> float:
    return max(
        float(answer["peak_rss_bytes"]) for each in blocks for name, answer in each if name == side
    )


def _distance(files: Sequence[Path]) -> float | None:
    if not all(path.is_file() for path in files):
        return None
    one, other = (np.load(path, allow_pickle=False) for path in files)
    if one.shape != other.shape:
        return float("inf")
    return float(np.linalg.norm(one - other, axis=1).max())
