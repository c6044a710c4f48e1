"""A run in slices of time: how much was served in each, and how fast."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from emch.scenarios.outcome import Outcome

CHANCE = 0.05
"""How likely a run that does not drift may look as if it did."""

LEAST_CHANGE = 0.03
"""A drift that matters, as a part of the value."""


@dataclass(frozen=True)
class Slice:
    """What happened in one slice of a run.

    Attributes
    ----------
    start_s : float
        Seconds since the run's start.
    requests : int
        Requests whose answer came in it.
    rate : float
        These per second.
    mean_s : float or None
        Their mean latency; None where there are none.
    """

    start_s: float
    requests: int
    rate: float
    mean_s: float | None


def cut(outcome: Outcome, seconds: float = 1.0) -> list[Slice]:
    """Cut a run into slices; what is left at its end, shorter than one, is left out."""
    whole = int(outcome.elapsed_s // seconds)
    ended, latencies = outcome.ended_s, outcome.latencies_s
    place = np.floor(np.minimum(ended / seconds, whole))  # infinity too is beyond the last
    slices = []
    for number in range(whole):
        found = latencies[place == number]
        mean = float(found.mean()) if len(found) else None
        slices.append(Slice(number * seconds, len(found), len(found) / seconds, mean))
    return slices


def drift(values: Sequence[float]) -> float | None:
    """Say how much values still rise or fall over the second half of a run.

    It is told by the trend test of Mann (Econometrica 13, 1945) and Kendall, with the exact
    distribution, and measured by the median slope of all pairs (Theil and Sen).

    Parameters
    ----------
    values : sequence of float
        Of the slices of a run in order, the rates for example; at least 9, or nothing can be told.

    Returns
    -------
    float or None
        The change from the first to the last of the second half, as a part of their median. None
        where it is below `LEAST_CHANGE`, or chance makes as clear a trend oftener than `CHANCE`.
    """
    half = values[len(values) // 2 :]
    pairs = list(combinations(range(len(half)), 2))
    rises = [half[later] - half[earlier] for earlier, later in pairs]
    score = abs(sum(int(np.sign(rise)) for rise in rises))
    if not pairs or _chance_of_score(score, len(half)) > CHANCE:
        return None
    slope = np.median([rise / (b - a) for rise, (a, b) in zip(rises, pairs, strict=True)])
    change = float(slope * (len(half) - 1) / np.median(half))
    return change if abs(change) >= LEAST_CHANGE else None


def _chance_of_score(score: int, values: int) -> float:
    """Return how likely values in random order have at least this many more rises than falls.

    Either sign counts. A score of s is (pairs - s) / 2 falls, and the orders with a number of falls
    are counted by putting in one value after another.
    """
    orders = np.ones(1)
    for placed in range(1, values):
        orders = np.convolve(orders, np.ones(placed + 1))
    pairs = values * (values - 1) // 2
    falls = (pairs - score) // 2
    return min(1.0, 2 * float(orders[: falls + 1].sum()) / math.factorial(values))
