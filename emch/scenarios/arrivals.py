"""When requests arrive that wait for nobody: a plan of moments, made before the run."""

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from emch.errors import InvalidInput
from emch.scenarios.limits import MOST_REQUESTS, Limits
from emch.scenarios.outcome import Seconds

KINDS = ("constant", "poisson", "gamma")


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """Arrivals at a mean rate, the same for the same seed.

    Attributes
    ----------
    rate : float
        Requests per second, above 0.
    kind : {"constant", "poisson", "gamma"}
        How the gaps between two arrivals are distributed: all alike, exponential, or gamma.
    burstiness : float
        The shape of the gamma distribution: 1 is `poisson`, less has more bursts, and more is
        closer to `constant`. The gaps vary by 1 / sqrt(burstiness) of their mean.
    seed : int
        Of the random numbers.

    Raises
    ------
    InvalidInput
        A parameter has no meaning.
    """

    rate: float
    kind: str = "poisson"
    burstiness: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidInput(f"unknown arrival '{self.kind}'; there are: {', '.join(KINDS)}")
        for what, value in (("request rate", self.rate), ("burstiness", self.burstiness)):
            if not 0 < value < math.inf:
                raise InvalidInput(f"the {what} must be a number above 0, not {value:g}")
        if self.burstiness != 1 and self.kind != "gamma":
            raise InvalidInput(
                f"a burstiness of {self.burstiness:g} needs the arrival 'gamma', "
                f"and '{self.kind}' has none"
            )

    def plan(self, limits: Limits) -> Seconds:
        """Return the moments of all arrivals until the limits are reached.

        They are stretched so that the last one comes when it would at equal gaps: the rate is
        the one that was asked for, whatever the random numbers. In between they are as random as
        before; those of `poisson` are spread evenly over the time.

        Returns
        -------
        ndarray of float64, shape [requests]
            Seconds since the start, in order.

        Raises
        ------
        InvalidInput
            There would be no arrival at all, or more than can be kept.
        """
        requests = bisect_left(
            range(MOST_REQUESTS), True, key=lambda n: limits.reached(n, (n + 1) / self.rate)
        )
        if requests == 0:
            raise InvalidInput(
                f"no request arrives within {limits.max_seconds:g} s at {self.rate:g} requests "
                "per second: give more time"
            )
        if requests == MOST_REQUESTS:
            raise InvalidInput(
                f"{self.rate:g} requests per second are more than {MOST_REQUESTS:,} in this time: "
                "give a lower rate or less time"
            )
        moments: Seconds = np.cumsum(self._gaps(requests))
        moments *= requests / self.rate / moments[-1]
        return moments

    def _gaps(self, number: int) -> Seconds:
        if self.kind == "constant":
            return np.ones(number)
        return np.random.default_rng(self.seed).gamma(self.burstiness, size=number)
