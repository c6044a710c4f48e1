"""The spread of few launches is moderated by that of the run's other cells, as limma does it."""

import random
from statistics import variance

import pytest

from emch.compare.moderation import (
    MOST_BORROWED,
    _inverse_trigamma,
    common_spread,
    moderated_spread,
)
from emch.compare.observed import Observed, alike


def drawn(sds: list[float], launches: int = 5, seed: int = 1) -> list[Observed]:
    """Return launches of cells with these standard deviations."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    return [alike([rng.gauss(0, sd) for _ in range(launches)]) for sd in sds]


def test_cells_alike_borrow_as_much_as_is_allowed() -> None:
    run = drawn([0.01] * 12)
    loudest = max(run, key=lambda each: each.spread.sd)
    found = moderated_spread(loudest, common_spread(run))
    assert found.freedom == 4 + MOST_BORROWED
    assert 0.009 < found.sd < loudest.spread.sd


def test_cells_unlike_borrow_little() -> None:
    run = drawn([0.001 * 3**place for place in range(10)], launches=28)
    found = moderated_spread(run[-1], common_spread(run))
    assert found.freedom < 27 + 2
    assert found.sd == pytest.approx(run[-1].spread.sd, rel=0.1)


def test_one_cell_has_its_spread_of() -> None:
    (only,) = drawn([0.01])
    assert moderated_spread(only, common_spread([only])) == only.spread


def test_figure_without_noise_neither_lends_nor_borrows() -> None:
    exact, *noisy = [alike([0.5] * 5), *drawn([0.01] * 4)]
    assert moderated_spread(exact, common_spread([exact, *noisy])).sd == 0
    assert common_spread([exact, *noisy]) == common_spread(noisy)


def test_trigamma_is_inverted() -> None:
    from scipy.special import polygamma

    assert _inverse_trigamma(float(polygamma(1, 2.5))) == pytest.approx(2.5)
    assert _inverse_trigamma(-1.0) == float("inf")


def test_variance_in_common_is_that_of_the_cells() -> None:
    run = drawn([0.02] * 300, launches=4)
    moderated = [moderated_spread(each, common_spread(run)).sd ** 2 for each in run]
    assert sum(moderated) / len(moderated) == pytest.approx(0.02**2, rel=0.1)
    assert variance(moderated) < variance([each.spread.sd**2 for each in run])
