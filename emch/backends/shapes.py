"""The shapes that batches are padded up to, for engines that compile for each shape."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from emch.arrays import IntArray


def power_of_two(size: int) -> int:
    """Return the least power of two that is no smaller than `size`, which is at least 1."""
    return 1 << (size - 1).bit_length()


def step_up(size: int, parts: int) -> int:
    """Return a size up to the next multiple of a part of its next power of two, and of 8.

    Parameters
    ----------
    size : int
        The size, at least 1.
    parts : int
        The number of parts of the power of two. With 4 there are 8, 16, 24, 32, 48, 64, 96, ...,
        and over 16 at most a third of one is padding; with 8, over 32, at most a fifth.
    """
    step = max(8, power_of_two(size) // parts)
    return -(-size // step) * step


def pad(
    input_ids: IntArray, attention_mask: IntArray, shape: tuple[int, int], dtype: DTypeLike
) -> NDArray[Any]:
    """Return the ids and the mask, shape [2, *`shape`], with zeros after each text and the last."""
    texts, tokens = input_ids.shape
    padded = np.zeros((2, *shape), dtype=dtype)
    padded[:, :texts, :tokens] = input_ids, attention_mask
    return padded
