"""What the launches of a cell tell of one quantity: a mean in which calm launches count for more.

A launch in a burst of a neighbour is told by its own turns: they spread more. Its weight is that of
a random-effects meta-analysis, 1 / (its variance + the variance that launches have in common), for
which the median of the launches' variances stands: no launch counts for more than twice as much as
one of a common calm. The variance of the mean comes from the launches' own distances from it
(Hartung and Knapp, "On tests of the overall treatment effect in meta-analysis with normally
distributed responses", Statistics in Medicine 20, 2001), so wrong weights cost launches and no
promise.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median


@dataclass(frozen=True)
class Spread:
    """How far the launches of a cell spread.

    Attributes
    ----------
    sd : float
        The standard deviation of the logarithm of a launch's ratio, of a launch of weight 1.
    freedom : float
        The degrees of freedom that it is known with.
    """

    sd: float
    freedom: float


@dataclass(frozen=True)
class Observed:
    """Launches, by one quantity.

    Attributes
    ----------
    logs : sequence of float
        The logarithm of B over A of each launch.
    weights : sequence of float
        What each counts, 1 on average.
    """

    logs: Sequence[float]
    weights: Sequence[float]

    @property
    def launches(self) -> int:
        """How many there are."""
        return len(self.logs)

    @property
    def mean(self) -> float:
        """The weighted mean of the logarithms."""
        return fmean(self.logs, self.weights)

    @property
    def spread(self) -> Spread:
        """The spread of these launches by themselves; there have to be two."""
        mean = self.mean
        squares = math.fsum(
            weight * (log - mean) ** 2 for log, weight in zip(self.logs, self.weights, strict=True)
        )
        # Of five launches with two in a burst, three tell how far calm ones spread (Kish).
        effective = sum(self.weights) ** 2 / math.fsum(weight**2 for weight in self.weights)
        return Spread(math.sqrt(squares / (self.launches - 1)), effective - 1)


def alike(logs: Sequence[float]) -> Observed:
    """Return launches that all count for as much."""
    return Observed(logs, [1.0] * len(logs))


def weighted(logs: Sequence[float], errors: Sequence[float | None]) -> Observed:
    """Return launches that count by their own standard errors, where all are known.

    Parameters
    ----------
    logs : sequence of float
        The logarithm of B over A of each launch.
    errors : sequence of float or None
        The standard error of each by its own turns.
    """
    known = [error**2 for error in errors if error is not None]
    common = median(known) if known and len(known) == len(logs) else 0.0
    if not common:
        return alike(logs)
    weights = [1 / (variance + common) for variance in known]
    average = fmean(weights)
    return Observed(logs, [weight / average for weight in weights])
