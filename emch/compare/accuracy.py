"""Whether two hit rates of the same queries differ: the exact test of McNemar.

Two backends that hit 134 and 135 of 300 queries need not differ: each may hit some that the other
misses. Of the queries that only one of them hits, half would be each one's if neither were better,
so their number has a binomial distribution (McNemar, "Note on the sampling error of the difference
between correlated proportions or percentages", Psychometrika 12, 1947).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

ERROR = 0.05
"""The probability that two sides which are equally good are called better or worse."""

FEWEST = 6
"""The fewest hits more that any such test finds a difference in: 2 * 0.5**6 < ERROR < 2 * 0.5**5,
where one side hits all that the other does, and these beside them."""


@dataclass(frozen=True)
class Hits:
    """The queries that two sides hit.

    Attributes
    ----------
    old, new : sequence of bool
        For each query whether A hit it, and whether B did.
    """

    old: Sequence[bool]
    new: Sequence[bool]

    @property
    def lost(self) -> int:
        """The queries that only A hits."""
        return sum(a and not b for a, b in zip(self.old, self.new, strict=True))

    @property
    def gained(self) -> int:
        """The queries that only B hits."""
        return sum(b and not a for a, b in zip(self.old, self.new, strict=True))

    @cached_property
    def p(self) -> float:
        """The probability of so uneven a number, or a more uneven one, if neither is better."""
        from scipy.stats import binomtest  # importing it takes a second

        differing = self.lost + self.gained
        return float(binomtest(self.gained, differing).pvalue) if differing else 1.0

    @property
    def verdict(self) -> str:
        """`better` or `worse` of B where the test finds a difference, else `same`."""
        if self.p >= ERROR:
            return "same"
        return "better" if self.gained > self.lost else "worse"


def told_apart(one: float, other: float, queries: int | None) -> bool:
    """Say whether two hit rates of the same queries could be told apart by any exact paired test.

    Parameters
    ----------
    one, other : float
        The hit rates, from 0 to 1.
    queries : int or None
        How many queries there are; None where that is not known, so that every difference counts.
    """
    return one != other if queries is None else round(abs(one - other) * queries) >= FEWEST
