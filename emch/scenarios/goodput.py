"""A bound on the latency: the share of requests within it, and whether a percentile keeps it."""

import re
from dataclasses import dataclass

import numpy as np

from emch.errors import InvalidInput
from emch.percentiles import percentile, samples_needed
from emch.scenarios.outcome import Outcome

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
WRITTEN = re.compile(r"p(?P<percent>\d+(?:\.\d+)?):(?P<number>\d+(?:\.\d+)?)(?P<unit>us|ms|s)")


@dataclass(frozen=True)
class Bound:
    """What a percentile of the latency must not exceed.

    Attributes
    ----------
    percent : float
        Of the requests, between 0 and 100.
    seconds : float
        The latency that so many of them may have at most.
    """

    percent: float
    seconds: float

    @classmethod
    def parse(cls, text: str) -> "Bound":
        """Read a bound as the command line has it, such as `p99:50ms`.

        Raises
        ------
        InvalidInput
            It is not written like that, or has a percentile or latency that cannot be.
        """
        found = WRITTEN.fullmatch(text)
        if found is None:
            raise InvalidInput(f"'{text}' is no bound; one is written like p99:50ms (us, ms or s)")
        bound = cls(float(found["percent"]), float(found["number"]) * UNITS[found["unit"]])
        if not (0 < bound.percent < 100 and bound.seconds > 0):
            raise InvalidInput(
                f"'{text}' is no bound: the percentile must be between 0 and 100, and the latency "
                "above 0"
            )
        return bound

    def goodput(self, outcome: Outcome) -> float:
        """Return the share of all requests whose latency is within the bound.

        One that was not served is not.
        """
        return float(np.mean(outcome.latencies_s <= self.seconds)) if outcome.requests else 0.0

    @property
    def least_requests(self) -> int:
        """How many requests it takes to be sure that the percentile keeps the bound."""
        return samples_needed(self.percent)

    def is_kept(self, outcome: Outcome) -> bool:
        """Say whether the percentile surely keeps the bound; see `emch.percentiles`."""
        if not outcome.requests:
            return False
        most = percentile(outcome.latencies_s, self.percent).bound
        return most is not None and most <= self.seconds
