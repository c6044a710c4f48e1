"""What changed with the newest commit, judged by how much each metric moves from launch to launch.

A commit has one launch of a cell as a rule, and launches of one commit differ by more than the
calls of one launch do. So the interval of a ratio comes from the history, not from that launch.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from statistics import NormalDist, median

from emch.compare.accuracy import told_apart
from emch.compare.verdicts import judge
from emch.datasets.registry import query_count
from emch.metrics import METRICS
from emch.site.series import Series
from emch.tracking.results import plain

THRESHOLD = 0.03
FALSE_ALARMS = 0.01
"""The chance of one or more false verdicts among all series of a stack (Bonferroni)."""

ENOUGH = 8
"""Pairs of commits that a metric's noise is taken from, at least."""

TO_NORMAL = 1.4826
"""Median absolute deviation to standard deviation, for a normal distribution."""

HIT_RATES = ("hit_rate", "miss_rate")

Noise = Mapping[tuple[str, str], float]


def queries_of(series: Series) -> int | None:
    """Return how many queries there are behind a hit rate, where the dataset is a known one."""
    return query_count(plain(series.params.get("dataset", "")))


def noise_of(series: Iterable[Series]) -> dict[tuple[str, str], float]:
    """Return the standard deviation of the logarithm of ratios of neighbouring commits.

    By machine and metric, over all cells and all commits but the newest; it is estimated from the
    median of the absolute values, which the few commits that changed something do not move. What a
    machine's drift does to all cells of a pair of commits alike is part of it, so there have to be
    enough pairs, however many the cells.
    """
    ratios: dict[tuple[str, str], list[float]] = defaultdict(list)
    pairs: dict[tuple[str, str], set[tuple[str, int, int]]] = defaultdict(set)
    for each in series:
        place = each.machine, each.metric
        for (before, old, _), (after, new, _) in pairwise(each.points[:-1]):
            if old > 0 and new > 0:
                ratios[place].append(abs(math.log(new / old)))
                pairs[place].add((each.stack, before, after))
    return {
        place: TO_NORMAL * median(found)
        for place, found in ratios.items()
        if len(pairs[place]) >= ENOUGH
    }


def judge_changes(series: Iterable[Series], noise: Noise) -> None:
    """Set the `change` of every series that has a point at the newest commit of its stack.

    A commit with nothing but cells that no earlier one has, such as those of a new benchmark, has
    nothing to be judged on, and is passed over. Where the history is too short to know a metric's
    noise, the verdict is `unclear`.
    """
    stacks: dict[tuple[str, str], list[Series]] = defaultdict(list)
    for each in series:
        stacks[each.machine, each.stack].append(each)
    for found in stacks.values():
        compared = [each for each in found if len(each.points) > 1]
        newest = max((each.points[-1][0] for each in compared), default=None)
        judged = [
            each
            for each in compared
            if each.points[-1][0] == newest
            and each.metric in METRICS
            and METRICS[each.metric].judged
            and each.points[-2][1] > 0
            and (each.points[-1][1] > 0 or METRICS[each.metric].exact)
        ]
        for each in judged:
            _judge(each, noise, len(judged))


def _judge(series: Series, noise: Noise, comparisons: int) -> None:
    (before, old, _), (_, new, _) = series.points[-2:]
    ratio = new / old
    exact = METRICS[series.metric].exact
    sd = 0.0 if exact else noise.get((series.machine, series.metric), math.inf)
    spread = sd and NormalDist().inv_cdf(1 - FALSE_ALARMS / 2 / comparisons) * sd
    low, high = ratio * math.exp(-spread), ratio * math.exp(min(spread, 700.0))
    better = METRICS[series.metric].better
    verdict = judge(low, high, better=better, threshold=0.0 if exact else THRESHOLD)
    if series.metric in HIT_RATES and not told_apart(old, new, queries_of(series)):
        verdict = "same"
    known = math.isfinite(spread)
    series.change = {
        "from": before,
        "ratio": ratio,
        "low": low if known else None,
        "high": high if known else None,
        "verdict": verdict,
    }
