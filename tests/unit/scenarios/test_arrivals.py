"""Plans of arrivals have the rate, the spread and the seed that was asked for."""

import numpy as np
import pytest

from emch.errors import InvalidInput
from emch.scenarios.arrivals import KINDS, Arrivals
from emch.scenarios.limits import Limits


def gaps(arrivals: Arrivals, requests: int = 50_000) -> np.ndarray:
    return np.diff(arrivals.plan(Limits.by_requests(requests)), prepend=0.0)


@pytest.mark.parametrize(
    ("kind", "burstiness", "spread"),
    [("constant", 1.0, 0.0), ("poisson", 1.0, 1.0), ("gamma", 1.0, 1.0), ("gamma", 0.25, 2.0),
     ("gamma", 4.0, 0.5)],
)  # fmt: skip
def test_gaps_have_their_mean_and_spread(kind: str, burstiness: float, spread: float) -> None:
    found = gaps(Arrivals(rate=200.0, kind=kind, burstiness=burstiness))
    assert found.mean() == pytest.approx(1 / 200, rel=0.04)
    assert found.std() / found.mean() == pytest.approx(spread, abs=0.06)


def test_gaps_of_poisson_are_exponential() -> None:
    """The share of gaps beyond t means is exp(-t), and one gap says nothing of the next."""
    found = gaps(Arrivals(rate=50.0)) * 50
    for t in (0.1, 1.0, 3.0):
        assert np.mean(found > t) == pytest.approx(np.exp(-t), abs=0.01)
    assert abs(np.corrcoef(found[:-1], found[1:])[0, 1]) < 0.02


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [0, 1])
def test_rate_is_the_one_that_was_asked_for(kind: str, seed: int) -> None:
    moments = Arrivals(rate=30.0, kind=kind, seed=seed).plan(Limits.by_seconds(10.0))
    assert len(moments) == 299  # the 300th comes when the time is up
    assert moments[-1] == pytest.approx(299 / 30)
    assert (np.diff(moments, prepend=0.0) > 0).all()


def test_constant_gaps_are_equal() -> None:
    moments = Arrivals(rate=1000.0, kind="constant").plan(Limits.by_requests(5))
    assert np.allclose(moments, [0.001, 0.002, 0.003, 0.004, 0.005])


def test_same_seed_same_plan() -> None:
    limits = Limits.by_seconds(3.0)
    one, again, other = (Arrivals(rate=100.0, seed=seed).plan(limits) for seed in (5, 5, 6))
    assert (one == again).all()
    assert (one != other).sum() > 290


def test_plan_lasts_until_the_percentile_has_its_bound() -> None:
    limits = Limits(459, 1.0, 60.0)
    assert len(Arrivals(rate=100.0).plan(limits)) == 459
    assert len(Arrivals(rate=1000.0).plan(limits)) == 999
    assert len(Arrivals(rate=1.0).plan(limits)) == 59


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"rate": 0.0}, "the request rate must be a number above 0, not 0"),
        ({"rate": -3.0}, "the request rate must be a number above 0, not -3"),
        ({"rate": float("nan")}, "the request rate must be a number above 0, not nan"),
        ({"rate": float("inf")}, "the request rate must be a number above 0, not inf"),
        ({"rate": 1.0, "kind": "uniform"}, "unknown arrival 'uniform'; there are: constant"),
        ({"rate": 1.0, "kind": "gamma", "burstiness": 0.0}, "the burstiness must be a number"),
        ({"rate": 1.0, "kind": "poisson", "burstiness": 2.0}, "needs the arrival 'gamma'"),
    ],
)
def test_parameters_without_a_meaning_are_refused(parameters: dict, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Arrivals(**parameters)


def test_time_without_an_arrival_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"no request arrives within 5 s at 0\.01 requests"):
        Arrivals(rate=0.01, kind="constant").plan(Limits.by_seconds(5.0))


def test_more_arrivals_than_can_be_kept_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emch.scenarios.arrivals.MOST_REQUESTS", 10_000)
    with pytest.raises(InvalidInput, match="are more than 10,000 in this time"):
        Arrivals(rate=2000.0).plan(Limits.by_seconds(10.0))
