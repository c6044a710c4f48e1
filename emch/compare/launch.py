"""What one launch of a pair found."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

NAMES = "AB"
"""Of the sides."""

BLOCKS = 6
"""Of quadruples, for a launch's own standard error."""

Answer = float | Sequence[bool]

LAUNCH_S = 2.0
"""Seconds of measuring in a launch; loading takes further ones."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What one launch of a pair found.

    Attributes
    ----------
    quadruples : sequence of sequence of float
        The median calls of four turns, ABBA or BAAB: two of A, and then the two of B.
    call_s : sequence of float
        The median call of A and of B.
    value : sequence of float
        The values of A and of B, of a benchmark that is no timing.
    load_s, peak_rss_bytes : sequence of float
        The seconds of loading and the peak memory, of A and of B.
    answers : sequence of mapping
        What A and B answered by name: a number, or for each question whether it was right.
    distance : float or None
        The greatest L2 distance between embeddings of A and B of one text.
    seconds : float
        Seconds that the launch took, from starting both processes to their end.
    conditions : sequence of str
        What disturbed it while it ran, in words.
    failed : mapping of str to str
        The error of a side that could not be measured, by "A" or "B".
    skipped : str or None
        Why this machine cannot run the cell.
    """

    quadruples: Sequence[Sequence[float]] = ()
    call_s: Sequence[float] = ()
    value: Sequence[float] = ()
    load_s: Sequence[float] = ()
    peak_rss_bytes: Sequence[float] = ()
    answers: Sequence[Mapping[str, Answer]] = ()
    distance: float | None = None
    seconds: float = 0.0
    conditions: Sequence[str] = ()
    failed: Mapping[str, str] | None = None
    skipped: str | None = None

    @property
    def quantities(self) -> Sequence[str]:
        """What it has values of, in the order in which it is shown."""
        if self.value:
            return ("value",)
        return ("time", "load", "memory") if self.load_s else ("time",)

    def values(self, what: str) -> Sequence[float]:
        """Return the values of a quantity (time, value, memory or load) for A and B."""
        return {
            "time": self.call_s, "value": self.value,
            "memory": self.peak_rss_bytes, "load": self.load_s,
        }[what]  # fmt: skip

    @cached_property
    def standard_error(self) -> float | None:
        """The standard error of the time's ratio by its own turns; None where they are too few.

        It is that of the mean of blocks of quadruples, by their medians: neighbours are alike.
        """
        size = len(self.quadruples) // BLOCKS
        if size == 0:
            return None
        medians = np.median(self._ratios[: size * BLOCKS].reshape(BLOCKS, size), axis=1)
        return float(medians.std(ddof=1) / math.sqrt(BLOCKS))

    @cached_property
    def _center(self) -> float:
        rows, columns = np.triu_indices(len(self._ratios))
        return float(np.median((self._ratios[rows] + self._ratios[columns]) / 2))

    @cached_property
    def _ratios(self) -> NDArray[np.float64]:
        """The logarithm of B over A of each quadruple."""
        logs = np.log(np.array(self.quadruples))
        return np.asarray((logs[:, 2:] - logs[:, :2]).mean(axis=1))

    def log_ratio(self, what: str) -> float:
        """Return the logarithm of B over A of a quantity.

        Of the time it is the median over all pairs of quadruples of their mean (Hodges and Lehmann,
        "Estimates of location based on rank tests", Ann. Math. Stat. 34, 1963): disturbances hit
        single ones, and it uses calm ones better than their median does.
        """
        if what == "time" and self.quadruples:
            return self._center
        old, new = self.values(what)
        return math.log(new / old)
