"""A run stops by time, by number, or by both minima within a maximum."""

import pytest

from emch.scenarios.limits import MOST_REQUESTS, Limits


@pytest.mark.parametrize(
    ("limits", "calls", "seconds", "reached"),
    [
        (Limits.by_seconds(2.0), 0, 0.0, False),
        (Limits.by_seconds(2.0), 10_000, 1.99, False),
        (Limits.by_seconds(2.0), 0, 2.0, True),
        (Limits.by_requests(5), 4, 1e9, False),
        (Limits.by_requests(5), 5, 0.0, True),
        (Limits(459, 2.0, 20.0), 458, 19.9, False),
        (Limits(459, 2.0, 20.0), 459, 1.9, False),
        (Limits(459, 2.0, 20.0), 459, 2.0, True),
        (Limits(459, 2.0, 20.0), 3, 20.0, True),
        (Limits.by_seconds(1e9), MOST_REQUESTS, 1.0, True),
    ],
)
def test_reached(limits: Limits, calls: int, seconds: float, reached: bool) -> None:
    assert limits.reached(calls, seconds) is reached
