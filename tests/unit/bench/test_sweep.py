"""The settings of a sweep, and which of them are the best."""

from types import SimpleNamespace
from typing import Any, cast

from emch.bench.found import Found
from emch.bench.sweep import _steps, pareto


def case(items: float, latency: float) -> Found:
    return cast(
        "Found", SimpleNamespace(items_per_second=items, latencies_s=[latency, latency, latency])
    )


def test_settings_that_another_one_beats_in_both_are_left_out() -> None:
    quick, busy, middle = case(100, 0.01), case(900, 0.2), case(400, 0.05)
    beaten: list[Any] = [case(90, 0.02), case(400, 0.06)]
    assert pareto([busy, *beaten, quick, middle]) == [quick, middle, busy]


def test_steps_double_and_end_with_the_most() -> None:
    assert _steps(1) == [1]
    assert _steps(6) == [1, 2, 4, 6]
