"""The verdict that the interval of a ratio allows."""

from typing import Literal

Verdict = Literal["better", "worse", "same", "unclear"]


def judge(low: float, high: float, *, better: str, threshold: float) -> Verdict:
    """Return the verdict on a ratio of new to old.

    Parameters
    ----------
    low, high : float
        The interval of new over old.
    better : {"lower", "higher"}
        The metric's direction.
    threshold : float
        The change that does not matter, such as 0.03; 0 where every change does.

    Returns
    -------
    {"better", "worse", "same", "unclear"}
        `better` and `worse` by the metric's direction; `same` where the whole interval lies within
        the threshold; `unclear` where the interval allows more than one of these.
    """
    if 1 / (1 + threshold) <= low and high <= 1 + threshold:
        return "same"
    if low > 1:
        return "worse" if better == "lower" else "better"
    if high < 1:
        return "better" if better == "lower" else "worse"
    return "unclear"
