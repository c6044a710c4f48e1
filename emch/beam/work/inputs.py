"""The inputs of a pipeline: the driver cuts them into slices, the workers make or read them."""

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from emch.datasets.registry import load_dataset
from emch.errors import InvalidInput

IMAGES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".webp"})
MOST_IN_SLICE = 1_000
SLICES_PER_WORKER = 8
"""So that workers which begin late, or are slow, leave work to the others."""

IMAGE_SIZE = 256
"""Pixels of a side of a generated image, which is cut and scaled as any other."""

LENGTHS = range(6, 41)
"""Words of a generated sentence."""


class Slice(NamedTuple):
    """Some inputs.

    Attributes
    ----------
    number : int
        Its place among the slices.
    first, size : int
        The place of its first input, from 0, and how many it has.
    where : tuple
        What a source needs to find them.
    """

    number: int
    first: int
    size: int
    where: tuple[Any, ...] = ()


class Source(ABC):
    """Where inputs come from."""

    @abstractmethod
    def slices(self, size: int) -> Iterator[Slice]:
        """Cut all inputs into slices of a size; the last one may have fewer."""

    @abstractmethod
    def read(self, part: Slice) -> Iterator[Any]:
        """Yield the inputs of a slice, in a worker.

        An image is an array or the path of a file, a text is one or the bytes of a line.
        """


@dataclass(frozen=True)
class Generated(Source):
    """Inputs out of a seed: each is the same wherever it is made."""

    images: bool
    count: int
    seed: int

    def slices(self, size: int) -> Iterator[Slice]:
        """See `Source.slices`."""
        for number, first in enumerate(range(0, self.count, size)):
            yield Slice(number, first, min(size, self.count - first))

    def read(self, part: Slice) -> Iterator[Any]:
        """See `Source.read`."""
        make = make_image if self.images else make_sentence
        for place in range(part.first, part.first + part.size):
            yield make(self.seed, place)


@dataclass(frozen=True)
class Images(Source):
    """The images of a folder, in the order of their names."""

    folder: str
    most: int

    def slices(self, size: int) -> Iterator[Slice]:
        """See `Source.slices`."""
        files = sorted(
            path.name for path in Path(self.folder).iterdir() if path.suffix.lower() in IMAGES
        )[: self.most]
        if not files:
            raise InvalidInput(f"{self.folder} has no images ({', '.join(sorted(IMAGES))})")
        for number, first in enumerate(range(0, len(files), size)):
            names = files[first : first + size]
            yield Slice(number, first, len(names), tuple(names))

    def read(self, part: Slice) -> Iterator[Any]:
        """See `Source.read`."""
        return (Path(self.folder) / name for name in part.where)


@dataclass(frozen=True)
class Texts(Source):
    """The lines of a file that are not empty."""

    file: str
    most: int

    def slices(self, size: int) -> Iterator[Slice]:
        """See `Source.slices`; `where` has the offsets of the lines in bytes."""
        places = self._places()
        for number in range(self.most):  # there are no more slices than lines
            found = tuple(islice(places, size))
            if not found:
                if not number:
                    raise InvalidInput(f"{self.file} has no text in it")
                return
            yield Slice(number, number * size, len(found), found)

    def read(self, part: Slice) -> Iterator[Any]:
        """See `Source.read`: the bytes of each line, which need not be UTF-8."""
        with Path(self.file).open("rb") as lines:
            for place in part.where:
                lines.seek(place)
                yield lines.readline().rstrip(b"\r\n")

    def _places(self) -> Iterator[int]:
        place, found = 0, 0
        with Path(self.file).open("rb") as lines:
            for line in lines:
                if line.strip():
                    yield place
                    found += 1
                    if found == self.most:
                        return
                place += len(line)


def find_source(task: str, data: str | None, count: int, seed: int) -> Source:
    """Return where the inputs of a task come from.

    Raises
    ------
    InvalidInput
        `data` is not there, or is no folder where images are wanted and no file where texts are.
    """
    images = task == "image-classification"
    if data is None:
        return Generated(images, count, seed)
    if images:
        if not Path(data).is_dir():
            raise InvalidInput(f"--images {data}: no such folder")
        return Images(data, count)
    if not Path(data).is_file():
        raise InvalidInput(f"--texts {data}: no such file")
    return Texts(data, count)


def slice_size(count: int, workers: int) -> int:
    """Return how many inputs a slice has, so that each worker has several slices."""
    return max(1, min(MOST_IN_SLICE, count // (workers * SLICES_PER_WORKER)))


def make_image(seed: int, place: int) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """Return an image of noise, [height, width, 3]."""
    rng = np.random.default_rng([seed, place])
    return rng.integers(256, size=(IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)


def make_sentence(seed: int, place: int) -> str:
    """Return a sentence of words from the dataset `mini`."""
    rng = random.Random(f"{seed} {place}")  # noqa: S311 - a sample to measure with, no secret
    return " ".join(rng.choices(_words(), k=rng.choice(LENGTHS)))


@cache
def _words() -> Sequence[str]:
    mini = load_dataset("mini")
    return sorted({word for text in mini.documents for word in text.split()})
