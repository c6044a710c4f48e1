"""The inputs of all requests of a benchmark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emch.backends.network import Feeds, Input
from emch.bench.npz import read_npz
from emch.bench.shapes import Axes
from emch.bench.signature import Signature
from emch.bench.target import Joint
from emch.bench.values import choose
from emch.errors import InvalidInput

MOST = 64
"""The prepared inputs of one batch size, ..."""

MOST_BYTES = 128 * 2**20
"""... and the bytes of all of them, at most by one more."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the requests to one network take.

    Attributes
    ----------
    signature : Signature
        Of the network.
    axes : Axes
        The size of each axis.
    lengths : sequence of int
        What the length of each sequence is drawn from; empty where all have the size of the axis.
    lengths_origin : str
        In words, where these come from.
    file : Path or None
        The file that the inputs are read from; None where they are made up.
    seed : int
        Of the random numbers.

    Raises
    ------
    InvalidInput
        There are lengths, and no axis that has them.
    """

    signature: Signature
    axes: Axes
    lengths: Sequence[int] = ()
    lengths_origin: str = ""
    file: Path | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        inputs = self.signature.inputs
        if self.lengths and all(self.axes.length_axis(each) is None for each in inputs):
            raise InvalidInput(
                "the network has no free axis for the lengths of sequences: leave --lengths out"
            )

    def make(self, batch_size: int) -> list[Feeds]:
        """Return the inputs for some requests of a batch size, the same for the same seed.

        Raises
        ------
        InvalidInput
            The file does not have what the network takes, or there are no values for a type.
        """
        if self.file is not None:
            return read_npz(self.file, self.signature, self.axes, batch_size)
        rng = np.random.default_rng([self.seed, batch_size])
        made = [self._one(batch_size, rng)]
        size = _size(made[0])
        while len(made) < MOST and size < MOST_BYTES:
            made.append(self._one(batch_size, rng))
            size += _size(made[-1])
        return made

    def _one(self, batch_size: int, rng: np.random.Generator) -> Feeds:
        lengths = rng.choice(self.lengths, batch_size) if self.lengths else None
        return {
            each.name: self._array(each, batch_size, lengths, rng) for each in self.signature.inputs
        }

    def _array(
        self,
        each: Input,
        batch_size: int,
        lengths: NDArray[np.int64] | None,
        rng: np.random.Generator,
    ) -> NDArray[Any]:
        shape = self.axes.shape(each, batch_size)
        _, draw = choose(each, self.signature.below.get(each.name))
        axis = self.axes.length_axis(each)
        if lengths is None or axis is None:
            return draw(shape, rng)
        array = draw((*shape[:axis], int(lengths.max()), *shape[axis + 1 :]), rng)
        batch = self.axes.batch_axis(each)
        if batch is not None:
            _cut(array, batch, axis, lengths)
        return array

    @property
    def joints(self) -> dict[str, Joint]:
        """How several requests become one call, by input."""
        axes = self.axes
        return {
            each.name: Joint(
                axes.batch_axis(each), axes.length_axis(each) if self.lengths else None
            )
            for each in self.signature.inputs
        }

    def describe(self, batch_sizes: Sequence[int]) -> Iterator[str]:
        """Yield a line for each input: its type, its shape, and its values."""
        batch = "/".join(map(str, batch_sizes))
        for each in self.signature.inputs:
            sizes = [self._show(each, axis, size, batch) for axis, size in enumerate(each.shape)]
            values = f"from {self.file}" if self.file else self._values(each)
            kind = "string" if each.dtype == "object" else each.dtype
            yield f"{each.name}: {kind} [{', '.join(sizes)}], {values}"
        if self.lengths:
            yield f"lengths {min(self.lengths)} to {max(self.lengths)}, {self.lengths_origin}"

    def _values(self, each: Input) -> str:
        words, _ = choose(each, self.signature.below.get(each.name))
        return words

    def _show(self, each: Input, axis: int, size: int | str, batch: str) -> str:
        if isinstance(size, int):
            return str(size)
        if size in self.axes.batch:
            return f"{size}={batch}"
        if self.lengths and axis == self.axes.length_axis(each):
            return f"{size}=lengths"
        return f"{size}={self.axes.sizes[size]}{' by default' * (size in self.axes.defaults)}"


def _size(feeds: Feeds) -> int:
    return sum(array.nbytes for array in feeds.values())


def _cut(array: NDArray[Any], batch: int, axis: int, lengths: NDArray[np.int64]) -> None:
    """Set all that stands behind the length of each item to zero, in place."""
    places = np.indices(array.shape, sparse=True)
    beyond = np.broadcast_to(places[axis] >= lengths[places[batch]], array.shape)
    array[beyond] = "" if array.dtype == object else 0
