"""Values that a network can take under a name, by the name, the type and what the file says."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emch.backends.network import Input
from emch.bench.shapes import Shape
from emch.errors import InvalidInput

MASK = re.compile("mask", re.IGNORECASE)
KIND = re.compile("type|segment", re.IGNORECASE)
POSITION = re.compile("position", re.IGNORECASE)
IDS = re.compile("id|token", re.IGNORECASE)
UNKNOWN_BELOW = 100
"""What ids are below where the file does not tell how many there are."""

WORDS = ("a", "network", "takes", "these", "words", "as", "they", "are")


def draw(each: Input, shape: Shape, below: int | None, rng: np.random.Generator) -> NDArray[Any]:
    """Return an array that a network can take under a name.

    Masks are all ones, kinds of tokens zeros, positions 0, 1, 2, ..., ids random ones, floats
    random between 0 and 1, and texts random words.

    Raises
    ------
    InvalidInput
        There are no values for its type.
    """
    if each.dtype in ("object", "str"):
        words = rng.choice(WORDS, shape)
        return np.asarray(words, dtype=object)
    dtype = np.dtype(each.dtype)
    if dtype.kind not in "fiub":
        raise InvalidInput(f"the input '{each.name}' takes {each.dtype}, which emch cannot make up")
    if MASK.search(each.name) or dtype.kind == "b":
        return np.ones(shape, dtype)
    if dtype.kind not in "iu":
        return rng.random(shape, dtype=np.float32).astype(dtype)
    return _integers(each, shape, dtype, below, rng)


def _integers(
    each: Input, shape: Shape, dtype: np.dtype[Any], below: int | None, rng: np.random.Generator
) -> NDArray[Any]:
    if KIND.search(each.name):
        return np.zeros(shape, dtype)
    if POSITION.search(each.name) and shape:
        return np.broadcast_to(np.arange(shape[-1], dtype=dtype), shape).copy()
    if below is None:
        below = _guess(each, dtype)
    least = 1 if below is None else 0
    return rng.integers(least, below or 2, shape, dtype=dtype, endpoint=False)


def _guess(each: Input, dtype: np.dtype[Any]) -> int | None:
    """Return what integers are below where the file does not tell; None for ones alone."""
    if dtype == np.uint8:
        return 256
    return UNKNOWN_BELOW if IDS.search(each.name) else None


def describe(each: Input, below: int | None) -> str:
    """Say in words what values `draw` makes up."""
    if each.dtype in ("object", "str"):
        return "words"
    dtype = np.dtype(each.dtype)
    if dtype.kind == "b":
        return "true"
    if MASK.search(each.name):
        return "ones"
    if dtype.kind not in "iu":
        return "from 0 to 1"
    if KIND.search(each.name):
        return "zeros"
    if POSITION.search(each.name):
        return "0, 1, 2, ..."
    if below is not None:
        return f"ids below {below:,}"
    guessed = _guess(each, dtype)
    return "ones" if guessed is None else f"below {guessed:,}, since the file sets no bound"
