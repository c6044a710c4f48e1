"""The verdict on a ratio from launches, at several looks while the launches come in.

The unit of observation is the launch: the calls of one launch share its memory layout, so they say
little about the next one. The mean of the launches' logarithms of ratios has Student's t interval.
Each further look, and each further cell, is another chance of an error, so the probabilities of
error are divided by the number of looks, and that of a false alarm by the number of cells too
(Bonferroni): the promise then holds whenever a cell stops.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean, stdev

from emch.compare.verdicts import Verdict, judge

LOOKS = (5, 7, 10, 14, 20, 28)
"""After how many launches a cell is looked at, for a verdict."""

FALSE_ALARMS = 0.01
"""The probability that a run calls one or more equal cells better or worse."""

WRONG_COMMIT = 0.05
"""The probability that a bisection names a commit which is not the first slow one."""

FALSE_SAME = 0.05
"""The probability that a cell is called the same whose change is beyond the threshold."""


@dataclass(frozen=True)
class Interval:
    """A ratio of B over A.

    Attributes
    ----------
    ratio, low, high : float
        The estimate, and the interval.
    """

    ratio: float
    low: float
    high: float


def judge_launches(
    logs: Sequence[float], cell_count: int, threshold: float
) -> tuple[Verdict, Interval]:
    """Return the verdict on a quantity of which less is better, and the interval it is from.

    `same` is a test of equivalence and has the shorter interval: it promises something else.

    Parameters
    ----------
    logs : sequence of float
        The logarithm of B over A of each launch.
    cell_count : int
        How many cells the run has.
    threshold : float
        The change that does not matter, such as 0.03.
    """
    for standard_errors in (equivalence_quantile(len(logs)), alarm_quantile(len(logs), cell_count)):
        found = interval(logs, standard_errors)
        verdict = judge(found.low, found.high, better="lower", threshold=threshold)
        if verdict == "same":
            break
    return verdict, found


def interval(logs: Sequence[float], standard_errors: float) -> Interval:
    """Return the mean of the launches with an interval of `standard_errors` to either side."""
    mean, half = fmean(logs), standard_errors * stdev(logs) / math.sqrt(len(logs))
    return Interval(math.exp(mean), math.exp(mean - half), math.exp(min(mean + half, 700)))


def alarm_quantile(launches: int, cell_count: int) -> float:
    """Return the t quantile for `worse` and `better`, corrected for looks and cells."""
    return _quantile(FALSE_ALARMS / cell_count / 2, launches)


def equivalence_quantile(launches: int) -> float:
    """Return the one-sided t quantile for `same`, corrected for looks."""
    return _quantile(FALSE_SAME, launches)


def bisection_quantile(launches: int, steps: int) -> float:
    """Return the one-sided t quantile for a step of a bisection, corrected for looks and steps."""
    return _quantile(WRONG_COMMIT / steps, launches)


@cache  # scipy is slow, and a run needs few of them
def _quantile(error: float, launches: int) -> float:
    from scipy.stats import t as student  # importing it takes a second, which --help does not need

    return float(student.ppf(1 - error / len(LOOKS), launches - 1))


def next_look(launches: int) -> int | None:
    """Return after how many launches a cell is looked at next; None after the last look."""
    return next((look for look in LOOKS if look > launches), None)


def smallest_effect(sd: float, launches: int, cell_count: int) -> float:
    """Return the smallest change (its ratio less 1) whose interval leaves out 1 on average."""
    return math.expm1(alarm_quantile(launches, cell_count) * sd / math.sqrt(launches))


def launches_needed(logs: Sequence[float], cell_count: int, threshold: float) -> int | None:
    """Return the launches after which a look would settle a cell; None if no look will.

    It assumes that the mean and the standard deviation stay as they are.
    """
    mean, sd = abs(fmean(logs)), stdev(logs)
    for launches in (look for look in LOOKS if look > len(logs)):
        error = sd / math.sqrt(launches)
        alarm = alarm_quantile(launches, cell_count) * error < mean
        same = mean + equivalence_quantile(launches) * error < math.log1p(threshold)
        if alarm or same:
            return launches
    return None
