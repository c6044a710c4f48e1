"""The backend that is held against the contract."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from emch.arrays import FloatArray
from emch.backends.base import Backend, Session
from emch.backends.registry import get_backend, make_options
from emch.encoding.encoder import Encoder, load_encoder
from emch.models.agreement import COSINE_LIMITS
from emch.models.source import DEFAULT_MODEL

THREADS = 2


class DoesNotApply(Exception):
    """A check has nothing to look at in a backend of this kind, or on this machine."""


@dataclass(frozen=True)
class Subject:
    """A backend on a prepared model, by their names; it is loaded once, with `THREADS` threads."""

    name: str
    model: str = DEFAULT_MODEL

    @property
    def backend(self) -> type[Backend]:
        """Its class."""
        return get_backend(self.name)

    @cached_property
    def loaded(self) -> Encoder:
        """The backend with its tokenizer and pooling."""
        return self.load()

    @property
    def session(self) -> Session:
        """Its session; a library that encodes texts by itself has none that takes arrays."""
        session = self.loaded.session
        if not isinstance(session, Session):
            raise DoesNotApply
        return session

    @property
    def limit(self) -> float:
        """The least cosine that its precision allows."""
        return COSINE_LIMITS[self.backend.precision]

    def load(self, **options: Any) -> Encoder:
        """Load it once more, with other options."""
        asked = {"threads": THREADS, "oversubscribe": True, **options}
        return load_encoder(self.name, self.model, make_options(self.name, **asked))


Found = dict[str, list[str] | None]
"""What fails of each check, by its name, a sentence each; None where one does not apply."""

Check = Callable[[Subject], Iterator[str]]
"""Yields a sentence for each thing that is not as it must be, or raises `DoesNotApply`."""


def least_cosine(one: FloatArray, other: FloatArray) -> float:
    """Return the least cosine of embeddings of the same texts, both of shape [texts, size]."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float((np.einsum("td,td->t", one, other) / lengths).min())
