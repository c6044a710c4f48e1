"""How many samples of a cell asv's results get."""

from types import SimpleNamespace

import pytest

from emch.suite.recorded import MOST_SAMPLES, sampled


@pytest.mark.parametrize(
    ("made", "step"),
    [(1, 1), (MOST_SAMPLES, 1), (MOST_SAMPLES + 1, 2), (100 * MOST_SAMPLES, 100)],
)
def test_samples_are_spread_over_the_run(made: int, step: int) -> None:
    cell = SimpleNamespace(record=lambda _: SimpleNamespace(samples={"call_s": list(range(made))}))
    samples = sampled("median_s", samples="call_s")(cell, "folder")["samples"]
    assert samples == list(range(0, made, step))
    assert len(samples) <= MOST_SAMPLES
