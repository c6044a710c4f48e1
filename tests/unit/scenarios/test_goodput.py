"""A bound is read as it is written, and kept where the samples can carry that."""

import math

import numpy as np
import pytest

from emch.errors import InvalidInput
from emch.scenarios.goodput import Bound
from emch.scenarios.ledger import Ledger, as_outcome
from emch.scenarios.outcome import Outcome


def outcome(latencies_s: list[float], unserved: int = 0) -> Outcome:
    ledger = Ledger()
    for request, latency in enumerate(latencies_s):
        ledger.add((request, 0.0, 0.0, 0.0, latency, 1))
    return as_outcome([ledger], planned_s=np.zeros(len(latencies_s) + unserved))


@pytest.mark.parametrize(
    ("text", "percent", "seconds"),
    [
        ("p99:50ms", 99.0, 0.05),
        ("p99.9:1.5s", 99.9, 1.5),
        ("p50:250us", 50.0, 250e-6),
        ("p90:2s", 90.0, 2.0),
    ],
)
def test_bound_is_read(text: str, percent: float, seconds: float) -> None:
    bound = Bound.parse(text)
    assert bound.percent == percent
    assert bound.seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "p99", "50ms", "p99:50", "99:50ms", "p99:-5ms", "p99:50 ms", "p99:50min", "p0:5ms",
     "p100:5ms", "p250:5ms", "p99:0ms", "p99:1e3ms", "p99:50ms ", "pp:50ms"],
)  # fmt: skip
def test_what_is_no_bound_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match=f"'{text}' is no bound"):
        Bound.parse(text)


def test_goodput_is_the_share_within_the_bound() -> None:
    bound = Bound.parse("p99:50ms")
    assert bound.goodput(outcome([0.01, 0.05, 0.06, 0.2])) == 0.5
    assert bound.goodput(outcome([0.01, 0.01], unserved=6)) == 0.25
    assert bound.goodput(outcome([])) == 0.0


@pytest.mark.parametrize(
    ("text", "requests"),
    # ln(0.01) / ln(share), rounded up.
    [("p50:1s", 7), ("p90:1s", 44), ("p95:1s", 90), ("p99:1s", 459), ("p99.9:1s", 4603)],
)
def test_bound_is_kept_from_the_least_number_of_requests_on(text: str, requests: int) -> None:
    bound = Bound.parse(text)
    assert bound.least_requests == requests
    assert bound.is_kept(outcome([0.5] * requests))
    assert not bound.is_kept(outcome([0.5] * (requests - 1)))
    assert not bound.is_kept(outcome([0.5] * (requests - 1) + [2.0]))


@pytest.mark.parametrize("requests", [500, 1000, 3000])
def test_number_beyond_the_bound_is_that_of_the_binomial_distribution(requests: int) -> None:
    """It is the last one whose chance, of so many or fewer, is at most 1 %."""
    chances = np.cumsum([
        math.comb(requests, beyond) * 0.01**beyond * 0.99 ** (requests - beyond)
        for beyond in range(requests // 100)
    ])  # fmt: skip
    most = int(np.searchsorted(chances, 0.01, side="right")) - 1
    bound = Bound.parse("p99:1s")
    assert bound.is_kept(outcome([2.0] * most + [0.5] * (requests - most)))
    assert not bound.is_kept(outcome([2.0] * (most + 1) + [0.5] * (requests - most - 1)))


def test_binomial_distribution_of_many_is_close_to_the_normal_one() -> None:
    requests = 200_000
    about = int(requests * 0.01 - 2.326 * math.sqrt(requests * 0.01 * 0.99))
    bound = Bound.parse("p99:1s")
    assert bound.is_kept(outcome([2.0] * (about - 5) + [0.5] * (requests - about + 5)))
    assert not bound.is_kept(outcome([2.0] * (about + 5) + [0.5] * (requests - about - 5)))


def test_requests_that_were_not_served_are_beyond_every_bound() -> None:
    bound = Bound.parse("p99:1s")
    assert bound.is_kept(outcome([0.5] * 1000))
    assert not bound.is_kept(outcome([0.5] * 1000, unserved=20))
    assert not bound.is_kept(outcome([]))
