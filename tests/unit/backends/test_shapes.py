"""The shapes that batches are padded up to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emch.backends.shapes import pad, power_of_two, step_up

SIZES = st.integers(1, 5000)
PARTS = st.sampled_from([4, 8])


@given(SIZES)
def test_power_of_two_is_the_next_one(size: int) -> None:
    power = power_of_two(size)
    assert power // 2 < size <= power
    assert power.bit_count() == 1


@given(SIZES, PARTS)
def test_size_that_was_stepped_up_to_stays(size: int, parts: int) -> None:
    stepped = step_up(size, parts)
    assert size <= stepped == step_up(stepped, parts)


@given(SIZES, PARTS)
def test_larger_size_steps_up_no_less(size: int, parts: int) -> None:
    assert step_up(size, parts) <= step_up(size + 1, parts)


@pytest.mark.parametrize(
    ("parts", "sizes"),
    [
        (4, [8, 16, 24, 32, 48, 64, 96, 128]),
        (8, [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128]),
    ],
)
def test_sizes_are_few(parts: int, sizes: list[int]) -> None:
    assert sorted({step_up(size, parts) for size in range(1, 129)}) == sizes


@pytest.mark.parametrize(("parts", "from_size", "share"), [(4, 17, 1 / 3), (8, 33, 1 / 5)])
def test_share_of_padding_is_bounded(parts: int, from_size: int, share: float) -> None:
    for size in range(from_size, 2000):
        assert 1 - size / step_up(size, parts) <= share


def test_batch_is_padded_with_zeros_at_both_ends() -> None:
    ids, mask = pad(np.array([[5, 6]]), np.array([[1, 1]]), (2, 3), np.int32)
    assert ids.tolist() == [[5, 6, 0], [0, 0, 0]]
    assert mask.tolist() == [[1, 1, 0], [0, 0, 0]]
    assert ids.dtype == mask.dtype == np.int32
