"""What the interval of a ratio allows to be said."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Word = Literal["better", "worse", "same", "unclear"]


@dataclass(frozen=True)
class Verdict:
    """A ratio of new to old, its interval, and the word for it.

    Attributes
    ----------
    ratio, low, high : float
        New over old, and the interval of it.
    word : {"better", "worse", "same", "unclear"}
        `better` and `worse` by the metric's direction; `same` where the whole interval lies within
        the threshold; `unclear` where the interval allows more than one of these.
    """

    ratio: float
    low: float
    high: float
    word: Word

    def to_dict(self) -> dict[str, Any]:
        """Return all fields by name."""
        return asdict(self)


def judge(ratio: float, low: float, high: float, *, better: str, threshold: float) -> Verdict:
    """Return the verdict on a ratio of new to old.

    Parameters
    ----------
    ratio, low, high : float
        New over old, and the interval of it.
    better : {"lower", "higher"}
        The metric's direction.
    threshold : float
        The change that does not matter, such as 0.03; 0 where every change does.
    """
    if 1 / (1 + threshold) <= low and high <= 1 + threshold:
        word: Word = "same"
    elif low > 1:
        word = "worse" if better == "lower" else "better"
    elif high < 1:
        word = "better" if better == "lower" else "worse"
    else:
        word = "unclear"
    return Verdict(ratio, low, high, word)
