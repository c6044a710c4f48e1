"""What changed with the newest commit, judged by how much each metric moves from launch to launch.

A commit has one launch of a cell as a rule, and launches of one commit differ by more than the
calls of one launch do. So the interval of a ratio comes from the history, not from that launch.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from statistics import NormalDist, median

from emch.compare.verdicts import judge
from emch.metrics import METRICS
from emch.site.series import Series

THRESHOLD = 0.03
FALSE_ALARMS = 0.01
"""The chance of one or more false verdicts among all series of a stack (Bonferroni)."""

ENOUGH = 8
"""Pairs of commits that a metric's noise is taken from, at least."""

TO_NORMAL = 1.4826
"""Median absolute deviation to standard deviation, for a normal distribution."""

NOT_JUDGED = frozenset({"miss_rate", "cpu_percent", "variance_s2"})
"""The hit rate says the same as the miss rate; the others say nothing about better or worse."""

EXACT = frozenset({"hit_rate", "artifact_bytes"})
"""Metrics in which every change matters."""

Noise = Mapping[tuple[str, str], float]


def noise_of(series: Iterable[Series]) -> dict[tuple[str, str], float]:
    """Return the standard deviation of the logarithm of ratios of neighbouring commits.

    By machine and metric, over all cells and all commits but the newest; it is estimated from the
    median absolute deviation, which the few commits that changed something do not move.
    """
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each in series:
        values = [value for _, value, _ in each.points[:-1]]
        pairs = pairwise(values)
        found[each.machine, each.metric] += [
            math.log(new / old) for old, new in pairs if old > 0 and new > 0
        ]
    return {place: _deviation(ratios) for place, ratios in found.items() if len(ratios) >= ENOUGH}


def _deviation(values: list[float]) -> float:
    middle = median(values)
    return TO_NORMAL * median([abs(value - middle) for value in values])


def judge_changes(series: Iterable[Series], noise: Noise) -> None:
    """Set the `change` of every series that has a point at its stack's newest commit.

    Where the history is too short to know a metric's noise, the verdict is `unclear`.
    """
    stacks: dict[tuple[str, str], list[Series]] = defaultdict(list)
    for each in series:
        stacks[each.machine, each.stack].append(each)
    for found in stacks.values():
        newest = max(each.points[-1][0] for each in found)
        judged = [
            each
            for each in found
            if each.points[-1][0] == newest
            and len(each.points) > 1
            and each.metric in METRICS
            and each.metric not in NOT_JUDGED
            and min(each.points[-1][1], each.points[-2][1]) > 0
        ]
        for each in judged:
            _judge(each, noise, len(judged))


def _judge(series: Series, noise: Noise, comparisons: int) -> None:
    (before, old, _), (_, new, _) = series.points[-2:]
    ratio = new / old
    exact = series.metric in EXACT
    sd = 0.0 if exact else noise.get((series.machine, series.metric), math.inf)
    spread = sd and NormalDist().inv_cdf(1 - FALSE_ALARMS / 2 / comparisons) * sd
    low, high = ratio * math.exp(-spread), ratio * math.exp(min(spread, 700.0))
    better = METRICS[series.metric].better
    verdict = judge(low, high, better=better, threshold=0.0 if exact else THRESHOLD)
    known = math.isfinite(spread)
    series.change = {
        "from": before,
        "ratio": ratio,
        "low": low if known else None,
        "high": high if known else None,
        "verdict": verdict,
    }
