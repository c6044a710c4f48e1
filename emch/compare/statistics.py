"""The interval of a ratio, from launches; it may be looked at several times while they come in.

A launch is the unit: calls of one launch share its memory layout and its luck, so they say little
about the next one. The mean of the launches' logarithms of ratios has Student's t interval. Looking
after more and more launches, and at several cells, gives chance more than one go: the probability
of a false verdict is divided by the number of looks and of cells (Bonferroni), so that it holds
for the whole run, whenever a cell stops.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

from scipy.stats import t as student

LOOKS = (4, 6, 9, 13, 19, 28)
"""After how many launches a cell is looked at, for a verdict."""

FALSE_VERDICTS = 0.01
"""The probability of one or more false verdicts in a run."""


@dataclass(frozen=True)
class Interval:
    """A ratio of B to A.

    Attributes
    ----------
    ratio, low, high : float
        The estimate, and the interval; (0, inf) where there are too few launches for one.
    sd : float
        Standard deviation of the logarithm between launches.
    """

    ratio: float
    low: float
    high: float
    sd: float


def launch_log_ratio(log_ratios: Sequence[float]) -> float:
    """Return the log ratio of a launch: the median, since disturbances hit single quadruples."""
    return median(log_ratios)


def interval(logs: Sequence[float], cells: int) -> Interval:
    """Return the interval of the mean of launches.

    Parameters
    ----------
    logs : sequence of float
        The logarithm of B over A of each launch.
    cells : int
        How many cells the run has.
    """
    if len(logs) < 2:
        return Interval(math.exp(fmean(logs)), 0.0, math.inf, math.inf)
    mean, sd = fmean(logs), stdev(logs)
    half = quantile(len(logs), cells) * sd / math.sqrt(len(logs))
    return Interval(math.exp(mean), math.exp(mean - half), math.exp(min(mean + half, 700)), sd)


def quantile(launches: int, cells: int) -> float:
    """Return how many standard errors the interval reaches to either side."""
    error = FALSE_VERDICTS / len(LOOKS) / cells
    return float(student.ppf(1 - error / 2, launches - 1))


def smallest_effect(sd: float, launches: int, cells: int) -> float:
    """Return the ratio minus 1 whose interval, on average, just leaves out 1."""
    return math.expm1(quantile(launches, cells) * sd / math.sqrt(launches))


def launches_needed(logs: Sequence[float], cells: int, threshold: float) -> int | None:
    """Return about how many launches would settle a cell; None where more than a thousand.

    Settled is an interval that lies beyond 1, or within the threshold, whichever comes first if the
    mean and the deviation stay as they are.
    """
    mean, sd = abs(fmean(logs)), stdev(logs)
    room = max(mean, math.log1p(threshold) - mean)
    for launches in range(len(logs) + 1, 1000):
        if quantile(launches, cells) * sd / math.sqrt(launches) < room:
            return launches
    return None
