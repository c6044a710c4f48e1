"""Percentiles that the samples can carry: each with a bound, or with the samples that it lacks.

The bound is a sample itself, found by counting (order statistics), so that it holds whatever the
distribution is. It takes the samples to be independent of each other.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emch.errors import InvalidInput

CONFIDENCE = 0.99
"""How sure the bound is to lie at or above the percentile; it is one-sided."""


@dataclass(frozen=True)
class Percentile:
    """A percentile of some samples.

    Attributes
    ----------
    percent : float
        Which one, between 0 and 100.
    samples : int
        How many samples there are.
    value : float
        That of the samples, by linear interpolation, in their unit.
    bound : float or None
        What the true percentile is at most, `CONFIDENCE` sure; None where there are too few
        samples, and then the value says nothing of it.
    """

    percent: float
    samples: int
    value: float
    bound: float | None

    @property
    def needs(self) -> int:
        """How many samples it needs to have a bound."""
        return samples_needed(self.percent)


def percentile(samples: Sequence[float] | NDArray[np.floating], percent: float) -> Percentile:
    """Return a percentile of samples with its bound.

    Parameters
    ----------
    samples : sequence of float
        At least one, in any order. Infinity is allowed: a request that was never answered.
    percent : float
        Between 0 and 100.

    Raises
    ------
    InvalidInput
        There are no samples.
    """
    if not len(samples):
        raise InvalidInput("there are no samples to take a percentile of: measure for longer")
    ordered = np.sort(np.asarray(samples, dtype=np.float64))
    count = len(ordered)
    place = percent / 100 * (count - 1)
    # Not np.percentile: between two samples that are infinite it is not a number.
    low, high = float(ordered[math.floor(place)]), float(ordered[math.ceil(place)])
    share = place - math.floor(place)
    value = low if low == high else low + (high - low) * share
    rank = bound_rank(count, percent)
    return Percentile(percent, count, value, None if rank is None else float(ordered[rank - 1]))


def samples_needed(percent: float, above: int = 0) -> int:
    """Return the least number of samples with which a percentile has a bound.

    Parameters
    ----------
    percent : float
        Between 0 and 100.
    above : int
        How many samples are to lie above the bound. 0 makes the bound the greatest sample, and 1
        is what MLPerf's rule of early stopping asks: 459 and 662 for a p99.
    """
    too_few, enough = 0, 1
    while not _carries(enough, percent, above):
        too_few, enough = enough, 2 * enough
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (
            (too_few, middle) if _carries(middle, percent, above) else (middle, enough)
        )
    return enough


def _carries(count: int, percent: float, above: int) -> bool:
    rank = bound_rank(count, percent)
    return rank is not None and count - rank >= above


@lru_cache(maxsize=4096)
def bound_rank(count: int, percent: float) -> int | None:
    """Return which sample bounds a percentile, 1 being the least; None where there are too few.

    The sample of rank r lies below the true percentile where no more than count - r samples reach
    it. How many reach it has the binomial distribution of `count` trials with a chance of
    1 - percent / 100 each, or more where values are equal. The bound is the least sample for which
    so few have a chance of at most 1 - `CONFIDENCE` (David and Nagaraja, "Order Statistics", 3rd
    edition, section 7.1; MLPerf's early stopping counts in the same way).

    Parameters
    ----------
    count : int
        How many samples there are.
    percent : float
        Between 0 and 100.
    """
    below = percent / 100
    # By logarithms, since the chance of none above is below the least float for many samples.
    chance, total, above = count * math.log(below), 0.0, 0
    odds = math.log((100 - percent) / percent)
    while above < count and (total := total + math.exp(chance)) <= 1 - CONFIDENCE:
        chance += odds + math.log((count - above) / (above + 1))
        above += 1
    return count - above + 1 if above else None
