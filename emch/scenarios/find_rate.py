"""The highest rate of arrivals at which a percentile of the latency keeps its bound.

1. Bracket: from a first rate on the rate is doubled until the bound is broken. Where the first one
   breaks it already, the rate is halved until it is kept; after a step that was overloaded the
   next rate is at most `BELOW_CAPACITY` of what was achieved there.
2. Bisect: the geometric mean of the highest rate that kept the bound and of the lowest that broke
   it is tried, until the two are within `RESOLUTION` of each other.
3. Confirm: the rate that was found may have been lucky, so it is tried once more, for twice as
   long. Where it breaks the bound now, the next lower one is tried, by `RESOLUTION`.

A step lasts until the percentile can have its one-sided 99 % bound, and keeps the bound where that
is within it. A step that breaks it is made again, and breaks it where both do: a machine that
stalls once would end the search too low. Where most requests were beyond the bound, once is enough.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from emch.errors import InvalidInput
from emch.scenarios.goodput import Bound
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Outcome

RESOLUTION = 0.05
"""The part of a rate to which the highest one is found."""

BELOW_CAPACITY = 0.75

LEAST_LOAD = 0.05
"""The share of time in which a stream is at work, below which a lower rate is no relief."""

MOST_STEP_S = 120.0
"""How long a step may last."""

HOPELESS = 0.5
"""A step with fewer requests than this share within the bound is not made again."""

RunAt = Callable[[float, Limits], Outcome]
"""Runs the scenario `server` at a rate, each time with other random numbers."""


@dataclass(frozen=True)
class Step:
    """One try.

    Attributes
    ----------
    rate : float
        Requests per second that were offered.
    goodput : float
        The share of the requests within the bound.
    kept : bool
        Whether the percentile keeps the bound, with a confidence of 99 %.
    outcome : Outcome
        All of it.
    """

    rate: float
    goodput: float
    kept: bool
    outcome: Outcome


@dataclass(frozen=True)
class Found:
    """What the search found.

    Attributes
    ----------
    rate : float or None
        The highest rate that keeps the bound; None where none does that can be tried.
    reason : str
        Why it is not higher, or why there is none.
    steps : list of Step
        All that was tried, in order; where there is a rate the last one confirms it.
    """

    rate: float | None
    reason: str
    steps: list[Step]


def find_rate(
    run: RunAt,
    bound: Bound,
    *,
    seconds: float = 10.0,
    start: float | None = None,
    told: Callable[[Step], None] = lambda _: None,
) -> Found:
    """Search the highest rate that keeps a bound.

    Parameters
    ----------
    run : callable
        Runs the scenario at a rate.
    bound : Bound
        What is to be kept.
    seconds : float
        How long a step lasts at least.
    start : float, optional
        The first rate, in requests per second; by default the lowest one at which `seconds` are
        enough for the percentile.
    told : callable
        Is told each step when it is done.

    Raises
    ------
    InvalidInput
        A step at the first rate would take too long.
    """
    search = _Search(run, bound, seconds, told)
    first = start or bound.least_requests / seconds
    if not search.can_try(first):
        raise InvalidInput(
            f"p{bound.percent:g} needs {bound.least_requests} requests, which take more than "
            f"{MOST_STEP_S:g} s at {first:g} per second: ask for a lower percentile"
        )
    low, high = search.bracket(first)
    if low is None:
        return Found(None, search.reason, search.steps)
    low = search.confirm(search.bisect(low, high))
    return Found(low, search.reason, search.steps)


class _Search:
    """The steps so far, and why the rate is not higher."""

    def __init__(
        self, run: RunAt, bound: Bound, seconds: float, told: Callable[[Step], None]
    ) -> None:
        self.steps: list[Step] = []
        self.reason = ""
        self._run = run
        self._bound = bound
        self._seconds = seconds
        self._told = told

    def can_try(self, rate: float) -> bool:
        """Say whether the percentile can be known within the longest step."""
        return rate * MOST_STEP_S >= self._bound.least_requests

    def bracket(self, rate: float) -> tuple[float | None, float]:
        """Return a rate that keeps the bound, None where there is none, and one that breaks it."""
        if self._keeps(rate):
            while self._keeps(2 * rate):
                rate *= 2
            return rate, 2 * rate
        while True:
            last, broken = self.steps[-1].outcome, rate
            if rate * last.mean_service_s / last.streams < LEAST_LOAD:
                self.reason = f"{self._why(last)} even at {rate:.3g} requests per second"
                return None, broken
            rate = min(rate / 2, BELOW_CAPACITY * last.achieved_rate)
            if not self.can_try(rate):
                self.reason = (
                    f"{self._why(last)} at {broken:.3g} requests per second, and for a lower "
                    f"rate p{self._bound.percent:g} needs more than {MOST_STEP_S:g} s"
                )
                return None, broken
            if self._keeps(rate):
                return rate, broken

    def bisect(self, low: float, high: float) -> float:
        """Return the highest rate that keeps the bound, as far as single steps tell."""
        while high / low > 1 + RESOLUTION:
            middle = math.sqrt(low * high)
            if self._keeps(middle):
                low = middle
            else:
                high = middle
        return low

    def confirm(self, rate: float) -> float | None:
        """Return the highest rate, from this one downwards, that keeps the bound once more."""
        while self.can_try(rate):
            if self._step(rate, times=2).kept:
                return rate
            rate /= 1 + RESOLUTION
        self.reason = "no rate that once kept the bound has kept it again"
        return None

    def _keeps(self, rate: float) -> bool:
        """Try a rate, and once more where that breaks the bound and is not hopeless."""
        step = self._step(rate)
        if not step.kept and step.goodput >= HOPELESS:
            step = self._step(rate)
        if not step.kept:
            self.reason = f"{self._why(step.outcome)} at {rate:.4g} requests per second"
        return step.kept

    def _step(self, rate: float, times: int = 1) -> Step:
        least = times * self._bound.least_requests
        limits = Limits(least, times * self._seconds, times * MOST_STEP_S)
        outcome = self._run(rate, limits)
        # The latency counts from the planned moment: a generator that is late never flatters.
        step = Step(rate, self._bound.goodput(outcome), self._bound.is_kept(outcome), outcome)
        self.steps.append(step)
        self._told(step)
        return step

    def _why(self, outcome: Outcome) -> str:
        """Say why a step breaks the bound, which is kept if the generator is all that is late."""
        if self._bound.is_kept(replace(outcome, planned_s=outcome.sent_s)):
            return "the generator itself is late"
        return "the bound is broken"
