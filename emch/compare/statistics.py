"""The verdict on a ratio from launches, at several looks while the launches come in.

The unit of observation is the launch: the calls of one launch share its memory layout, so they say
little about the next one. The mean of the launches' logarithms of ratios has Student's t interval.
Each further look, and each further cell, is another chance of an error, so the probabilities of
error are divided among the looks, and that of a false alarm by the number of cells that may still
be equal (Holm): the promise then holds whenever a cell stops.
"""

import math
from dataclasses import dataclass
from functools import cache

from emch.compare.observed import Observed, Spread
from emch.compare.verdicts import Verdict, judge

LOOKS = (5, 7, 10, 14, 20, 28)
"""After how many launches a cell is looked at, for a verdict."""

FALSE_ALARMS = 0.01
"""The probability that a run calls one or more equal cells better or worse."""

WRONG_COMMIT = 0.05
"""The probability that a bisection names a commit which is not the first slow one."""

FALSE_SAME = 0.05
"""The probability that a cell is called the same whose change is beyond the threshold."""

ALARM_AT_LOOK = FALSE_ALARMS / 2 / len(LOOKS)
WRONG_AT_LOOK = WRONG_COMMIT / len(LOOKS)
SAME_AT_LOOK = FALSE_SAME / 3.7
"""These errors, of one side and at one look. Looks are alike, so that 0.05 holds for all six where
each has a 3.65th of it; of errors as small as the others that gains a hundredth of the interval
(`python -m evaluation.bounds`)."""


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
    observed: Observed, spread: Spread, cell_count: int, threshold: float
) -> tuple[Verdict, Interval]:
    """Return the verdict on a quantity of which less is better, and the interval it is from.

    `same` is a test of equivalence and has the shorter interval: it promises something else.

    Parameters
    ----------
    observed : Observed
        The launches.
    spread : Spread
        How far such launches spread.
    cell_count : int
        How many cells the run has, without those that are known to have changed.
    threshold : float
        The change that does not matter, such as 0.03.
    """
    for error in (SAME_AT_LOOK, ALARM_AT_LOOK / cell_count):
        found = interval(observed, spread, error)
        verdict = judge(found.low, found.high, better="lower", threshold=threshold)
        if verdict == "same":
            break
    return verdict, found


def interval(observed: Observed, spread: Spread, error: float) -> Interval:
    """Return the mean of launches with its interval.

    Parameters
    ----------
    observed : Observed
        The launches.
    spread : Spread
        How far such launches spread.
    error : float
        The probability that the ratio lies above the interval, and as much below it.
    """
    mean, half = observed.mean, half_width(spread, observed.launches, error)
    return Interval(math.exp(mean), math.exp(mean - half), math.exp(min(mean + half, 700)))


def half_width(spread: Spread, launches: int, error: float) -> float:
    """Return how far an interval goes to either side of the mean, in logarithms."""
    return _quantile(error, spread.freedom) * spread.sd / math.sqrt(launches)


@cache  # scipy is slow, and a run needs few of them
def _quantile(error: float, freedom: float) -> float:
    """Return Student's quantile that is exceeded with the probability of an error."""
    from scipy.stats import t as student  # importing it takes a second, which --help does not need

    return float(student.isf(error, freedom))


def next_look(launches: int) -> int | None:
    """Return after how many launches a cell is looked at next; None after the last look."""
    return next((look for look in LOOKS if look > launches), None)


def smallest_effect(spread: Spread, launches: int, cell_count: int) -> float:
    """Return the smallest change (its ratio less 1) whose interval leaves out 1 on average."""
    return math.expm1(half_width(spread, launches, ALARM_AT_LOOK / cell_count))


def launches_needed(
    observed: Observed, spread: Spread, cell_count: int, threshold: float
) -> int | None:
    """Return the launches after which a look would settle a cell; None if no look will.

    It assumes that the mean and the standard deviation stay as they are.
    """
    mean, so_far = abs(observed.mean), observed.launches
    for launches in (look for look in LOOKS if look > so_far):
        known = Spread(spread.sd, spread.freedom + launches - so_far)
        alarm = half_width(known, launches, ALARM_AT_LOOK / cell_count) < mean
        same = mean + half_width(known, launches, SAME_AT_LOOK) < math.log1p(threshold)
        if alarm or same:
            return launches
    return None
