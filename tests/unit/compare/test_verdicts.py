"""A verdict says no more than the interval allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emch.compare.verdicts import judge


@pytest.mark.parametrize(
    ("low", "high", "better", "word"),
    [
        (1.05, 1.10, "lower", "worse"),
        (1.05, 1.10, "higher", "better"),
        (0.90, 0.95, "lower", "better"),
        (0.90, 0.95, "higher", "worse"),
        (0.99, 1.01, "lower", "same"),
        (1.001, 1.02, "lower", "same"),  # real, and too small to matter
        (1.001, 1.04, "lower", "worse"),
        (0.95, 1.05, "lower", "unclear"),
        (0.95, 1.00, "lower", "unclear"),
    ],
)
def test_word_follows_from_the_interval(low: float, high: float, better: str, word: str) -> None:
    assert judge(low, high, better=better, threshold=0.03) == word


@given(st.floats(0.1, 10), st.floats(1, 3), st.floats(0, 0.5))
def test_directions_mirror_each_other(ratio: float, spread: float, threshold: float) -> None:
    mirror = {"better": "worse", "worse": "better", "same": "same", "unclear": "unclear"}
    words = [
        judge(ratio / spread, ratio * spread, better=better, threshold=threshold)
        for better in ("lower", "higher")
    ]
    assert words[1] == mirror[words[0]]


def test_without_a_threshold_every_change_counts() -> None:
    assert judge(1.0, 1.0, better="higher", threshold=0.0) == "same"
    assert judge(0.99, 0.99, better="higher", threshold=0.0) == "worse"
