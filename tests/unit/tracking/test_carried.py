"""A percentile of asv's results is shown only where there were calls enough for it."""

from typing import Any

import pytest

from emch.percentiles import samples_needed
from emch.tracking.carried import Calls, needed_calls
from emch.tracking.results import Figure


def figure(tracker: str, samples: int = 0, **other: Any) -> Figure:
    """Return a figure of one cell; `other` replaces fields."""
    fields: dict[str, Any] = {
        "machine": "m", "stack": "current", "commit": "c", "date": 0,
        "benchmark": f"sentence_latency.Tokens128.{tracker}", "params": {"backend": "'a'"},
        "value": 1.0, "samples": (0.1,) * samples, "interval": None, "requirements": {}, "cpus": 2,
    }  # fmt: skip
    return Figure(**(fields | other))


@pytest.mark.parametrize(("metric", "percent"), [("p90_s", 90), ("p95_s", 95), ("p99_s", 99)])
def test_percentile_needs_as_many_calls_as_its_bound(metric: str, percent: int) -> None:
    assert needed_calls(metric) == samples_needed(percent)


def test_other_metrics_need_none() -> None:
    assert needed_calls("median_s") is None
    assert needed_calls("hit_rate") is None


@pytest.mark.parametrize("calls", [458, 459])
def test_percentile_with_too_few_calls_lacks_some(calls: int) -> None:
    found = Calls([figure("track_latency", calls)])
    assert found.lacks(figure("track_p99")) == (459 if calls < 459 else None)
    assert found.lacks(figure("track_latency")) is None


def test_calls_of_another_cell_do_not_count() -> None:
    found = Calls([figure("track_latency", 500), figure("track_latency", 10, stack="older")])
    assert found.lacks(figure("track_p99")) is None
    assert found.lacks(figure("track_p99", stack="older")) == 459


def test_percentile_whose_calls_are_not_kept_is_fine() -> None:
    assert Calls([]).lacks(figure("track_p99")) is None
