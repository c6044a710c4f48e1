"""How many true and how many false steps each detection finds in a history of results.

    uv run --with apache-otava python -m evaluation.change_points

Made-up series of 60 commits, 200 of each kind, with log-normal noise of 2 % and now and then a
commit whose machine was disturbed. `asv` is `asv.step_detect`; `asv, sure` leaves out what chance
explains, as `emch compare --history` does; `otava` is apache-otava's E-divisive with Student's
t-test at its defaults. A step is found if a change point lies within two commits of it; any other
change point is a false one.
"""

import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise

from asv.step_detect import detect_steps
from otava.analysis import compute_change_points

from emch.tracking.change_points import find_steps

COMMITS, SERIES, NOISE = 60, 200, 0.02
NEAR = 2
OUTLIERS = 0.03
KINDS: dict[str, tuple[tuple[int, float], ...]] = {
    "no step": (),
    "5 % up at 30": ((30, 1.05),),
    "10 % up at 30": ((30, 1.10),),
    "10 % down at 30": ((30, 0.90),),
    "10 % up at 55": ((55, 1.10),),
    "10 % up at 20, down at 40": ((20, 1.10), (40, 1 / 1.10)),
}

Detect = Callable[[Sequence[float]], list[int]]


def by_asv(values: Sequence[float]) -> list[int]:
    """Return where steps begin."""
    return [left for _, (left, *_) in pairwise(detect_steps(values))]


def by_asv_if_sure(values: Sequence[float]) -> list[int]:
    """Return where steps begin that `emch compare --history` reports."""
    return [step.place for step in find_steps(values)]


def by_otava(values: Sequence[float]) -> list[int]:
    """Return where steps begin."""
    found, _ = compute_change_points(values)
    return [point.index for point in found]


def make_series(steps: Sequence[tuple[int, float]], rng: random.Random) -> list[float]:
    """Return the values of a series: a level that steps, noise, and outliers up to 2 times."""
    values, level = [], 0.02
    for commit in range(COMMITS):
        level *= math.prod(ratio for place, ratio in steps if place == commit)
        outlier = rng.uniform(1.2, 2.0) if rng.random() < OUTLIERS else 1.0
        values.append(level * math.exp(rng.gauss(0, NOISE)) * outlier)
    return values


def count(detect: Detect, steps: Sequence[tuple[int, float]]) -> tuple[int, int]:
    """Return how many steps were found in all series, and how many false ones."""
    rng = random.Random(1)  # noqa: S311 - made-up series, the same for both
    hits = false = 0
    for _ in range(SERIES):
        found = detect(make_series(steps, rng))
        near = [[place for place in found if abs(place - step) <= NEAR] for step, _ in steps]
        hits += sum(map(bool, near))
        false += len(found) - len({place for places in near for place in places[:1]})
    return hits, false


DETECTIONS = {"asv": by_asv, "asv, sure": by_asv_if_sure, "otava": by_otava}


def main() -> None:
    """Print how many steps each detection found."""
    print(f"{'series':28} {'detection':9} {'found':>12} {'false':>6}")
    for kind, steps in KINDS.items():
        for name, detect in DETECTIONS.items():
            hits, false = count(detect, steps)
            print(f"{kind:28} {name:9} {hits:5} of {len(steps) * SERIES:3} {false:6}")


if __name__ == "__main__":
    main()
