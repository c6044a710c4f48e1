"""Pooling sees tokens only, and embeddings have length 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emch.tasks.pooling import normalize, pool

HIDDEN = np.array([[[1, 2], [3, 6], [90, 90]], [[4, 4], [8, 8], [0, 4]]], dtype=np.float32)
MASK = np.array([[1, 1, 0], [1, 1, 1]])
VALUES = st.floats(-100, 100, width=32)


def test_mean_is_over_the_tokens() -> None:
    expected = np.array([[2, 4], [4, 16 / 3]], dtype=np.float32)
    np.testing.assert_allclose(pool(HIDDEN, MASK, "mean"), expected, rtol=1e-6)


def test_cls_is_the_first_token() -> None:
    np.testing.assert_array_equal(pool(HIDDEN, MASK, "cls"), [[1, 2], [4, 4]])


@pytest.mark.parametrize("garbage", [0.0, -1e30, 1e30])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_what_stands_at_padding_changes_nothing(pooling: str, garbage: float) -> None:
    hidden = HIDDEN.copy()
    hidden[0, 2] = garbage
    np.testing.assert_array_equal(pool(hidden, MASK, pooling), pool(HIDDEN, MASK, pooling))


@given(
    arrays(np.float32, (3, 4, 2), elements=VALUES),
    st.lists(st.integers(1, 4), min_size=3, max_size=3),
)
def test_mean_is_that_of_each_text_alone(hidden: np.ndarray, lengths: list[int]) -> None:
    mask = (np.arange(4) < np.array(lengths)[:, None]).astype(np.int64)
    alone = [row[:length].mean(axis=0) for row, length in zip(hidden, lengths, strict=True)]
    np.testing.assert_allclose(pool(hidden, mask, "mean"), alone, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_pooled_is_float32(pooling: str) -> None:
    assert pool(HIDDEN, MASK, pooling).dtype == np.float32


@given(arrays(np.float32, (5, 3), elements=st.floats(np.float32(0.01), 100, width=32)))
def test_normalized_rows_have_length_one_and_their_old_direction(rows: np.ndarray) -> None:
    scaled = normalize(rows)
    np.testing.assert_allclose(np.linalg.norm(scaled, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(scaled * np.linalg.norm(rows, axis=1)[:, None], rows, rtol=1e-5)
    assert scaled.dtype == np.float32
