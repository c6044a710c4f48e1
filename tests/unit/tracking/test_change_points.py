"""A step in a series is found with its commits, its size and its direction."""

import random

import pytest

from emch.tracking.change_points import change_points
from emch.tracking.results import Figure


def series(method: str, values: list[float]) -> list[Figure]:
    return [
        Figure(
            machine="m", stack="s", commit=f"commit-{place}", date=place,
            benchmark=f"search.Whole.{method}", params={"backend": "b"}, value=value, samples=(),
            interval=None, requirements={}, cpus=2,
        )
        for place, value in enumerate(values)
    ]  # fmt: skip


def noisy(level: float, count: int, seed: int) -> list[float]:
    rng = random.Random(seed)  # noqa: S311 - made-up figures
    return [level * rng.lognormvariate(0, 0.01) for _ in range(count)]


@pytest.mark.parametrize(
    ("method", "before", "after", "verdict"),
    [
        ("track_wall", 10.0, 11.5, "worse"),
        ("track_wall", 10.0, 8.0, "better"),
        ("track_tokens_per_second", 100.0, 120.0, "better"),
        ("track_peak_memory", 1e8, 1.3e8, "worse"),
    ],
)
def test_step_is_found(method: str, before: float, after: float, verdict: str) -> None:
    (point,) = change_points(series(method, noisy(before, 12, 1) + noisy(after, 8, 2)))
    assert (point.last, point.first, point.verdict) == ("commit-11", "commit-12", verdict)
    assert point.low is not None
    assert point.high is not None
    assert point.low < after / before < point.high
    assert not point.low < 1 < point.high


def test_accuracy_is_judged_without_noise() -> None:
    (point,) = change_points(series("track_hitrate", [0.8] * 6 + [0.7] * 6))
    assert point.verdict == "worse"
    assert point.low == point.high == pytest.approx(0.875)


def test_accuracy_of_the_newest_commit_alone_is_enough() -> None:
    (point,) = change_points(series("track_hitrate", [0.8] * 6 + [0.7]))
    assert (point.first, point.verdict) == ("commit-6", "worse")


@pytest.mark.parametrize("place", [6, 11])
def test_single_slow_commit_is_no_change_point(place: int) -> None:
    values = noisy(10.0, 12, 4)
    values[place] *= 1.5
    assert change_points(series("track_wall", values)) == []


def test_steady_series_has_none() -> None:
    assert change_points(series("track_wall", noisy(10.0, 40, 3))) == []


def test_series_are_apart_and_the_newest_is_first() -> None:
    one = series("track_wall", [1.0] * 5 + [2.0] * 15)
    other = series("track_load", [1.0] * 15 + [2.0] * 5)
    assert [point.metric for point in change_points(one + other)] == ["load_s", "wall_s"]
