"""Finds the best of many by successive halving: the worse half is left out after each round.

Each backend is run once, the better half again, and so on; the last two are run in turn until the
interval of their ratio leaves out 1, or the time is up (Jamieson and Talwalkar, "Non-stochastic
best arm identification and hyperparameter optimization", AISTATS 2016).
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from emch.compare.observed import alike
from emch.compare.statistics import Interval, interval
from emch.errors import EmchError

ERROR = 0.005
"""The probability that the ratio of the last two lies above the interval, and as much below it."""

LEAST_PAIRS = 3
MOST_PAIRS = 10


@dataclass
class Contender:
    """A backend with what was measured of it.

    Attributes
    ----------
    name : str
        Of the backend.
    costs : list of float
        Of each run; less is better.
    figures : mapping of str to float
        All figures of its first run, by metric.
    error : EmchError or None
        Why it is out of the search: a run of it failed.
    """

    name: str
    costs: list[float] = field(default_factory=list)
    figures: Mapping[str, float] = field(default_factory=dict)
    error: EmchError | None = None

    @property
    def cost(self) -> float:
        """The median of its runs."""
        return median(self.costs)


Run = Callable[[str], tuple[float, Mapping[str, float]]]
"""Runs a backend once: its cost, and all figures."""


class Halving:
    """A search for the best, and what it knows so far.

    Attributes
    ----------
    contenders : list of Contender
        In the order that they were given in; each is run once by `first`, and then by `again`,
        which gives the cost alone.
    left : list of Contender
        Those that are still in, the best first.
    pairs : list of float
        The logarithm of first over second of each pair of runs of the last two.
    """

    def __init__(self, names: Sequence[str], first: Run, again: Run, budget_s: float) -> None:
        self.contenders = [Contender(name) for name in names]
        self.left: list[Contender] = []
        self.pairs: list[float] = []
        self._first, self._again = first, again
        self._end = time.monotonic() + budget_s
        self._longest = 0.0

    def first_round(self) -> Iterator[Contender]:
        """Run each once, and yield it; one that fails keeps its error."""
        for each in self.contenders:
            self._measure(each, self._first)
            yield each

    def go_on(self, fit: Sequence[Contender]) -> Iterator[Contender]:
        """Halve those that fit until two are left, and run these in turn.

        Where one fails in a later run, the others are halved anew, with what is known of them.
        """
        self._longest = 0.0  # of what is run from here on, which may be less
        self.left = [*fit]
        while True:
            yield from self._halve()
            if not any(each.error for each in self.left):
                return
            self.left = [each for each in fit if not each.error]

    def _halve(self) -> Iterator[Contender]:
        """Halve those that are left; stop where one fails."""
        self.left.sort(key=lambda each: each.cost)
        while len(self.left) > 2 and self._has_time():
            self.left = self.left[: math.ceil(len(self.left) / 2)]
            for each in self.left:
                if self._has_time():
                    self._measure(each, self._again)
                    yield each
                if each.error:
                    return
            self.left.sort(key=lambda each: each.cost)
        yield from self._last_two()

    @property
    def ratio(self) -> Interval | None:
        """The cost of the best over that of the second, with its interval."""
        if len(self.pairs) < 2:
            return None
        observed = alike(self.pairs)
        return interval(observed, observed.spread, ERROR)

    def _last_two(self) -> Iterator[Contender]:
        self.left, self.pairs = self.left[:2], []
        while len(self.left) == 2 and self._has_time(2) and not self._is_settled():
            turn = self.left if len(self.pairs) % 2 == 0 else self.left[::-1]
            for each in turn:
                self._measure(each, self._again)
                yield each
                if each.error:
                    return
            one, other = (each.costs[-1] for each in self.left)
            self.pairs.append(math.log(one / other))
        if (ratio := self.ratio) is not None and ratio.ratio > 1:  # the second is the better one
            self.left.reverse()
            self.pairs = [-log for log in self.pairs]

    def _is_settled(self) -> bool:
        if len(self.pairs) >= MOST_PAIRS:
            return True
        ratio = self.ratio if len(self.pairs) >= LEAST_PAIRS else None
        return ratio is not None and not ratio.low <= 1 <= ratio.high

    def _has_time(self, runs: int = 1) -> bool:
        return time.monotonic() + runs * self._longest < self._end

    def _measure(self, each: Contender, run: Run) -> None:
        start = time.monotonic()
        try:
            cost, figures = run(each.name)
        except EmchError as error:  # another may be able to
            each.error = error
        else:
            each.costs.append(cost)
            each.figures = each.figures or figures
        self._longest = max(self._longest, time.monotonic() - start)
