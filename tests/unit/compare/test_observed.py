"""A launch in a burst counts for less, and a launch's center is not moved by single turns."""

import math
import random

import pytest

from emch.compare.launch import BLOCKS, Launch
from emch.compare.observed import alike, weighted


def test_launches_of_one_calm_are_alike() -> None:
    assert weighted([0.1, 0.2, 0.3], [0.01] * 3).weights == pytest.approx([1, 1, 1])


def test_launch_in_a_burst_counts_for_less_and_none_for_more_than_twice_a_common_one() -> None:
    calm, common, burst = weighted([0.1, 0.2, 0.3], [0.0, 0.01, 1.0]).weights
    assert burst < 0.01 * common
    assert calm == pytest.approx(2 * common)
    assert weighted([0.0, 0.0, 1.0], [0.01, 0.01, 1.0]).mean < 0.01


@pytest.mark.parametrize("errors", [[0.1, None], [0.0, 0.0]])
def test_launches_without_errors_of_their_own_are_alike(errors: list[float | None]) -> None:
    assert weighted([0.1, 0.2], errors) == alike([0.1, 0.2])


def test_spread_is_that_of_weighted_distances() -> None:
    found = weighted([0.1, 0.2, 0.6], [0.01, 0.01, 0.02])
    first, second, third = found.weights
    mean = (0.1 * first + 0.2 * second + 0.6 * third) / 3
    squares = first * (0.1 - mean) ** 2 + second * (0.2 - mean) ** 2 + third * (0.6 - mean) ** 2
    assert found.mean == pytest.approx(mean)
    assert found.spread.sd == pytest.approx(math.sqrt(squares / 2))


def launch_of(logs: list[float]) -> Launch:
    return Launch(quadruples=[(1, 1, math.exp(log), math.exp(log)) for log in logs])


def test_center_is_not_moved_by_single_turns() -> None:
    rng = random.Random(1)  # noqa: S311 - no secret
    calm = [rng.gauss(0.05, 0.01) for _ in range(30)]
    assert launch_of([*calm, 3.0, 4.0]).log_ratio("time") == pytest.approx(0.05, abs=0.01)


def test_center_of_four_quadruples_is_the_median_of_the_means_of_pairs() -> None:
    assert launch_of([0.0, 0.1, 0.2, 0.9]).log_ratio("time") == pytest.approx(0.175)


def test_own_standard_error_is_near_to_that_of_a_mean() -> None:
    rng = random.Random(1)  # noqa: S311 - no secret
    launches = [launch_of([rng.gauss(0, 0.1) for _ in range(48)]) for _ in range(200)]
    errors = [launch.standard_error for launch in launches]
    mean = sum(error for error in errors if error is not None) / len(errors)
    assert mean == pytest.approx(1.2 * 0.1 / math.sqrt(48), rel=0.1)  # medians take a quarter more


def test_few_turns_tell_no_standard_error() -> None:
    assert launch_of([0.1] * (BLOCKS - 1)).standard_error is None
    assert launch_of([0.1] * BLOCKS).standard_error == 0
