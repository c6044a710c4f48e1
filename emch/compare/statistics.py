"""The verdict on a ratio, from launches; it may be looked at several times while they come in.

A launch is the unit: calls of one launch share its memory layout and its luck, so they say little
about the next one. The mean of the launches' logarithms of ratios has Student's t interval. Looking
after more and more launches, and at several cells, gives chance more than one go, so probabilities
of error are divided by the number of looks, and that of a false alarm by the number of cells too
(Bonferroni): what is promised then holds whenever a cell stops.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean, stdev

from emch.compare.verdicts import Word, judge

LOOKS = (5, 7, 10, 14, 20, 28)
"""After how many launches a cell is looked at, for a verdict."""

FALSE_ALARMS = 0.01
"""The probability that a run calls one or more equal cells better or worse."""

FALSE_SAME = 0.05
"""The probability that a cell is called the same whose change is beyond the threshold."""


@dataclass(frozen=True)
class Interval:
    """A ratio of B to A.

    Attributes
    ----------
    ratio, low, high : float
        The estimate, and the interval.
    """

    ratio: float
    low: float
    high: float


def verdict(logs: Sequence[float], cells: int, threshold: float) -> tuple[Word, Interval]:
    """Return the verdict on a quantity of which less is better, and the interval it is from.

    `same` is a test of equivalence and has the shorter interval: it promises something else.

    Parameters
    ----------
    logs : sequence of float
        The logarithm of B over A of each launch.
    cells : int
        How many cells the run has.
    threshold : float
        The change that does not matter, such as 0.03.
    """
    for standard_errors in (equivalence_quantile(len(logs)), alarm_quantile(len(logs), cells)):
        found = interval(logs, standard_errors)
        word = judge(found.low, found.high, better="lower", threshold=threshold)
        if word == "same":
            break
    return word, found


def interval(logs: Sequence[float], standard_errors: float) -> Interval:
    """Return the mean of launches, and so many standard errors to either side."""
    mean, half = fmean(logs), standard_errors * stdev(logs) / math.sqrt(len(logs))
    return Interval(math.exp(mean), math.exp(mean - half), math.exp(min(mean + half, 700)))


def alarm_quantile(launches: int, cells: int) -> float:
    """Return how many standard errors from 1 an equal cell's ratio may well be, at all looks."""
    return _quantile(FALSE_ALARMS / cells / 2, launches)


def equivalence_quantile(launches: int) -> float:
    """Return how far from the ratio the true one may be; only one side can be beyond."""
    return _quantile(FALSE_SAME, launches)


@cache  # scipy takes its time, and a run asks for few
def _quantile(error: float, launches: int) -> float:
    from scipy.stats import t as student  # it takes a second, which --help does not need

    return float(student.ppf(1 - error / len(LOOKS), launches - 1))


def next_look(launches: int) -> int | None:
    """Return after how many launches a cell is looked at next; None after the last look."""
    return next((look for look in LOOKS if look > launches), None)


def smallest_effect(sd: float, launches: int, cells: int) -> float:
    """Return the ratio minus 1 whose interval, on average, just leaves out 1."""
    return math.expm1(alarm_quantile(launches, cells) * sd / math.sqrt(launches))


def launches_needed(logs: Sequence[float], cells: int, threshold: float) -> int | None:
    """Return the look that would settle a cell; None where none that is left would.

    The mean and the standard deviation are taken to stay as they are.
    """
    mean, sd = abs(fmean(logs)), stdev(logs)
    for launches in (look for look in LOOKS if look > len(logs)):
        error = sd / math.sqrt(launches)
        alarm = alarm_quantile(launches, cells) * error < mean
        same = mean + equivalence_quantile(launches) * error < math.log1p(threshold)
        if alarm or same:
            return launches
    return None
