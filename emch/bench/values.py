"""Values that a network can take under a name, by the name, the type and what the file says."""

import re
from collections.abc import Callable
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


Draw = Callable[[Shape, np.random.Generator], NDArray[Any]]
"""Makes an array of a shape."""


def choose(each: Input, below: int | None) -> tuple[str, Draw]:
    """Choose what values an input gets.

    Parameters
    ----------
    each : Input
        The input.
    below : int or None
        What whole numbers must be below; None where the file does not tell.

    Returns
    -------
    words : str
        What they are, for people.
    draw : callable
        Makes them.

    Raises
    ------
    InvalidInput
        There are no values for its type.
    """
    if each.dtype in ("object", "str"):
        return "words", lambda shape, rng: np.asarray(rng.choice(WORDS, shape), dtype=object)
    dtype = np.dtype(each.dtype)
    if dtype.kind not in "fiub":
        raise InvalidInput(
            f"the input '{each.name}' takes {each.dtype}, which emch cannot make up: give --inputs"
        )
    if MASK.search(each.name) or dtype.kind == "b":
        return "ones", lambda shape, _: np.ones(shape, dtype)
    if dtype.kind == "f":
        return "from 0 to 1", lambda shape, rng: rng.random(shape, np.float32).astype(dtype)
    return _choose_whole(each, dtype, below)


def _choose_whole(each: Input, dtype: np.dtype[Any], below: int | None) -> tuple[str, Draw]:
    if KIND.search(each.name):
        return "zeros", lambda shape, _: np.zeros(shape, dtype)
    if POSITION.search(each.name) and each.shape:
        return "0, 1, 2, ...", lambda shape, _: np.broadcast_to(
            np.arange(shape[-1], dtype=dtype), shape
        ).copy()
    if below is not None:
        return f"below {below:,}, as the file has it", _below(below, dtype)
    if dtype == np.uint8:
        return "below 256", _below(256, dtype)
    if IDS.search(each.name):
        return f"below {UNKNOWN_BELOW}, since the file tells no bound", _below(UNKNOWN_BELOW, dtype)
    return "ones", lambda shape, _: np.ones(shape, dtype)


def _below(bound: int, dtype: np.dtype[Any]) -> Draw:
    return lambda shape, rng: rng.integers(bound, size=shape, dtype=dtype)
