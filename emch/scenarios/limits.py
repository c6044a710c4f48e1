"""When a run stops."""

import math
from dataclasses import dataclass

MOST_REQUESTS = 10_000_000
"""The requests of one run, so that what is kept of them, 48 bytes each, stays below 0.5 GB."""


@dataclass(frozen=True)
class Limits:
    """When to stop: after both minima, or at the maximum.

    Attributes
    ----------
    min_calls : int
        Requests that are made at least.
    min_seconds, max_seconds : float
        Seconds of the wall clock.
    """

    min_calls: int
    min_seconds: float
    max_seconds: float = math.inf

    @classmethod
    def by_seconds(cls, seconds: float) -> "Limits":
        """Stop after some seconds."""
        return cls(0, seconds, seconds)

    @classmethod
    def by_requests(cls, requests: int) -> "Limits":
        """Stop after just so many requests, however long they take."""
        return cls(requests, 0.0)

    def reached(self, calls: int, seconds: float) -> bool:
        """Say whether to stop after that many requests and seconds."""
        enough = calls >= self.min_calls and seconds >= self.min_seconds
        return enough or seconds >= self.max_seconds or calls >= MOST_REQUESTS
