"""The highest rate of arrivals at which a percentile of the latency keeps its bound.

1. Bracket: from a first rate on the rate is doubled until the bound is broken, or halved until it
   is kept.
2. Bisect: the geometric mean of the highest rate that kept it and of the lowest that broke it is
   tried, until the two are within `RESOLUTION` of each other.
3. Confirm: the rate that was found has won by luck too, so it is tried again, twice as long. Where
   it breaks the bound now, the next lower one is tried, by `RESOLUTION`.

Each step lasts until the percentile can have its one-sided 99 % bound, and the bound is kept where
that is within it. A step that breaks it is made twice and counts where both break it: a machine
that stalls once would end the search too low.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from emch.scenarios.goodput import Bound
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Outcome

RESOLUTION = 0.05
"""The part of a rate to which the highest one is found."""

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
        The highest rate that keeps the bound; None where no rate that can be tried does.
    steps : list of Step
        All that was tried, in order; the last one confirms the rate.
    """

    rate: float | None
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
        The first rate, in requests per second.
    told : callable
        Is told each step when it is done.
    """
    raise NotImplementedError
