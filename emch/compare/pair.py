"""One launch of a pair: two fresh processes, both loaded and warmed, called in turn."""

import itertools
import math
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

from emch.compare.launches import Worker, start_worker
from emch.compare.sides import Side
from emch.errors import WorkerEnded
from emch.tracking.results import Cell

NAMES = "AB"
QUADRUPLE = "ABBA"
OTHER = str.maketrans("AB", "BA")

LAUNCH_S = 2.0
"""Seconds of measuring in a launch; loading takes further ones."""

TURN_S = 0.01
"""Seconds of a turn, a short one: the speed of a shared machine drifts in a tenth of a second."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What one launch of a pair found.

    Attributes
    ----------
    log_ratios : sequence of float
        The logarithm of B over A of each quadruple of turns, ABBA or BAAB.
    call_s : sequence of float
        The median call of A and of B.
    load_s, peak_rss_bytes : sequence of float
        The seconds of loading and the peak memory, of A and of B.
    answers : sequence of mapping
        What A and B answered, such as a hit rate.
    distance : float or None
        The greatest L2 distance between embeddings of A and B of one text.
    seconds : float
        Seconds that the launch took, from starting both processes to their end.
    conditions : sequence of str
        What disturbed it while it ran, in words.
    failed : mapping of str to str
        The error of a side that could not be measured, by "A" or "B".
    skipped : str or None
        Why this machine cannot run the cell.
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

    @property
    def quantities(self) -> Sequence[str]:
        """What it has values of, in the order in which it is shown."""
        return ("time", "load", "memory")

    def values(self, what: str) -> Sequence[float]:
        """Return the values of a quantity (time, memory or load) for A and B."""
        return {"time": self.call_s, "memory": self.peak_rss_bytes, "load": self.load_s}[what]

    def log_ratio(self, what: str) -> float:
        """Return the logarithm of B over A of a quantity.

        Of the time it is the median of the quadruples, since disturbances hit single ones.
        """
        if what == "time":
            return median(self.log_ratios)
        old, new = self.values(what)
        return math.log(new / old)


def launch_pair(sides: Sequence[Side], cell: Cell, first: str) -> Launch:
    """Load both sides and measure them in turn.

    Parameters
    ----------
    sides : sequence of two Side
        A and B.
    cell : Cell
        What to measure.
    first : {"A", "B"}
        The side that is loaded and measured first.
    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        files = {name: Path(folder) / f"{name}.npy" for name in NAMES}
        workers: dict[str, Worker] = {}
        ready: dict[str, dict[str, Any]] = {}
        failed = {}
        for name in sorted(NAMES, reverse=first == "B"):
            side = sides[NAMES.index(name)]
            worker = stack.enter_context(start_worker(name, side, cell, files[name]))
            workers[name] = worker
            try:
                ready[name] = worker.ask()
            except WorkerEnded as ended:
                failed[name] = str(ended)
            worker.stop()  # so that the other one loads undisturbed
        skipped = {name: each["skipped"] for name, each in ready.items() if "skipped" in each}
        if len(skipped) == len(sides):
            return Launch(skipped=skipped["B"])
        if failed or skipped:  # if only one side cannot run it, the cause is not this machine
            return Launch(failed=failed | skipped)
        try:
            quadruples = list(_quadruples(workers, first))
        except WorkerEnded as ended:
            return Launch(failed={ended.name: str(ended)})
        return Launch(
            log_ratios=[_log_ratio(quadruple) for quadruple in quadruples],
            call_s=[_median_call(quadruples, name) for name in NAMES],
            load_s=[ready[name]["load_s"] for name in NAMES],
            peak_rss_bytes=[_peak(quadruples, name) for name in NAMES],
            answers=[ready[name]["answers"] for name in NAMES],
            distance=_distance([files[name] for name in NAMES]),
        )


Quadruple = list[tuple[str, dict[str, Any]]]


def _quadruples(workers: Mapping[str, Worker], first: str) -> Iterator[Quadruple]:
    """Yield quadruples of turns, alternately ABBA and BAAB, until the time is up.

    The side that rests is stopped: an engine's threads go on waiting for work in a busy loop for a
    while, which would slow the other side.
    """
    end = time.perf_counter() + LAUNCH_S
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


def _log_ratio(quadruple: Quadruple) -> float:
    logs: dict[str, list[float]] = {"A": [], "B": []}
    for name, answer in quadruple:
        logs[name].append(float(np.log(median(_calls(answer)))))
    return fmean(logs["B"]) - fmean(logs["A"])


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
