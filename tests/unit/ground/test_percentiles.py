"""A percentile has a bound where the samples carry one, and says how many it needs."""

import math

import numpy as np
import pytest

from emch.errors import InvalidInput
from emch.percentiles import CONFIDENCE, bound_rank, percentile, samples_needed


@pytest.mark.parametrize(
    ("percent", "above", "needed"),
    # 0.99^459 and 0.9^44 are the first below 0.01; MLPerf's rule asks one more above: 662 for p99.
    [(99, 0, 459), (90, 0, 44), (95, 0, 90), (50, 0, 7), (99, 1, 662)],
)
def test_samples_that_are_needed(percent: float, above: int, needed: int) -> None:
    assert samples_needed(percent, above) == needed


def binomial(most: int, trials: int, chance: float) -> float:
    return sum(
        math.comb(trials, number) * chance**number * (1 - chance) ** (trials - number)
        for number in range(most + 1)
    )


@pytest.mark.parametrize("percent", [50, 90, 95, 99])
@pytest.mark.parametrize("count", [100, 459, 1000])
def test_bound_is_the_least_sample_that_is_sure_enough(count: int, percent: float) -> None:
    rank = bound_rank(count, percent)
    share = 1 - percent / 100
    if rank is None:
        assert binomial(0, count, share) > 1 - CONFIDENCE
        return
    # The sample of this rank is too low where at most count - rank samples are above.
    assert binomial(count - rank, count, share) <= 1 - CONFIDENCE
    assert binomial(count - rank + 1, count, share) > 1 - CONFIDENCE


def test_bound_holds_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    truth = -math.log(0.1)  # the p90 of an exponential distribution
    holds = [(percentile(rng.exponential(size=200), 90).bound or 0.0) >= truth for _ in range(2000)]
    assert np.mean(holds) > 0.985


def test_value_is_that_of_numpy_and_too_few_samples_have_no_bound() -> None:
    samples = np.random.default_rng(7).random(100)
    found = percentile(samples, 99)
    assert found.value == pytest.approx(np.percentile(samples, 99))
    assert found.bound is None
    assert found.needs == 459
    assert percentile([1.0, math.inf, math.inf], 90).value == math.inf


def test_no_samples_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no samples"):
        percentile([], 99)
