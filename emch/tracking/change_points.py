"""Change points in asv's results over commits, per series, in both directions.

The steps are those of asv's own detection, less those that may be chance: the interval of a step is
Welch's, over the logarithms of the values on either side of it, and must not contain 1. On
made-up series that leaves out nearly all false steps (`evaluation/change_points.py`).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from asv.step_detect import detect_steps

from emch.metrics import METRICS
from emch.tracking.results import Figure

CONFIDENCE = 0.99


@dataclass(frozen=True)
class ChangePoint:
    """A step in a series.

    Attributes
    ----------
    machine, stack, name : str
        Of the series; the name has the parameters.
    metric : str
        The name of the metric.
    last, first : str
        The last commit before the change, and the first after it.
    before, after : float
        The levels of the series on either side.
    low, high : float or None
        The interval of after over before; None where a value is 0.
    verdict : {"better", "worse", "changed"}
        By the metric's direction, where it is known.
    """

    machine: str
    stack: str
    name: str
    metric: str
    last: str
    first: str
    before: float
    after: float
    low: float | None
    high: float | None
    verdict: str

    @property
    def ratio(self) -> float | None:
        """After over before: of the geometric means, as the interval is, and not of the levels."""
        return None if self.low is None or self.high is None else math.sqrt(self.low * self.high)


def change_points(figures: Iterable[Figure]) -> list[ChangePoint]:
    """Return the change points of all series whose metric is judged, the newest first.

    Parameters
    ----------
    figures : iterable of Figure
        The figures, from the oldest commit to the newest.
    """
    series: dict[tuple[Any, ...], list[Figure]] = defaultdict(list)
    places: dict[str, int] = {}
    for figure in figures:
        places.setdefault(figure.commit, len(places))
        metric = METRICS.get(figure.metric)
        if metric is None or metric.judged:
            series[figure.place].append(figure)
    points = [point for found in series.values() for point in _of_series(found)]
    return sorted(points, key=lambda point: -places[point.first])


def _of_series(figures: Sequence[Figure]) -> Iterable[ChangePoint]:
    for step in find_steps([figure.value for figure in figures]):
        first = figures[step.place]
        yield ChangePoint(
            machine=first.machine,
            stack=first.stack,
            name=first.name,
            metric=first.metric,
            last=figures[step.place - 1].commit,
            first=first.commit,
            before=step.before,
            after=step.after,
            low=step.low,
            high=step.high,
            verdict=_judge(first.metric, step.before, step.after),
        )


@dataclass(frozen=True)
class Step:
    """Where a step begins, the levels, and the interval of their ratio, as in `ChangePoint`."""

    place: int
    before: float
    after: float
    low: float | None
    high: float | None


def find_steps(values: Sequence[float]) -> Iterable[Step]:
    """Yield the steps of a series that chance does not explain."""
    for (left, middle, before, *_), (_, right, after, *_) in pairwise(detect_steps(values)):
        low, high = _interval(values[left:middle], values[middle:right])
        if low is None or high is None or not low <= 1 <= high:
            yield Step(middle, before, after, low, high)


def _interval(before: Sequence[float], after: Sequence[float]) -> tuple[float | None, float | None]:
    if min(*before, *after) <= 0:
        return None, None
    if len(before) + len(after) > 2 and len(set(before)) == len(set(after)) == 1:
        ratio = after[0] / before[0]  # exact figures: there is no noise to estimate
        return ratio, ratio
    if min(len(before), len(after)) < 2:  # one commit may have been disturbed
        return 0.0, math.inf
    from scipy.stats import ttest_ind  # it takes a second, which few callers need

    logs = [[math.log(value) for value in side] for side in (after, before)]
    found = ttest_ind(*logs, equal_var=False).confidence_interval(CONFIDENCE)
    return math.exp(found.low), math.exp(found.high)


def _judge(metric: str, before: float, after: float) -> str:
    if metric not in METRICS:
        return "changed"
    rises = after > before
    return "better" if rises == (METRICS[metric].better == "higher") else "worse"
