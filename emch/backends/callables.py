"""A function of the user's own that encodes texts, as a backend: `package.module:function`.

It takes a list of texts and returns an array [texts, size]. Tokens, model and pooling are its own,
so there is no reference but its own earlier answers: see `emch.encoding.first`.
"""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray
from emch.backends.base import Backend, Options, SessionInfo, TextSession
from emch.backends.stub import write_model
from emch.errors import WrongAnswer, in_words
from emch.models.artifacts import Artifact, keep_own
from emch.models.settings import Role

VERSION = "1"
Function = Callable[[list[str]], Any]


class CallableSession(TextSession):
    """A function, which is called with a batch of texts at a time."""

    def __init__(self, place: str, function: Function, info: SessionInfo) -> None:
        self.info = info
        self._place = place
        self._function = function

    def encode(self, texts: Sequence[str], batch_size: int, role: Role) -> FloatArray:  # noqa: ARG002 - prompts are the function's own
        """Encode texts, whatever their role is; see `TextSession.encode`.

        Raises
        ------
        WrongAnswer
            What the function returns is no array [texts, size].
        """
        starts = range(0, len(texts), batch_size)
        rows = [self._call(list(texts[start : start + batch_size])) for start in starts]
        if len({each.shape[1] for each in rows}) > 1:
            raise WrongAnswer(f"the function '{self._place}' returns embeddings of several sizes")
        return np.concatenate(rows)

    def _call(self, texts: list[str]) -> FloatArray:
        found = self._function(texts)
        try:
            embeddings = np.asarray(found, dtype=np.float32)
        except (TypeError, ValueError, RuntimeError) as error:  # the last is PyTorch's
            raise WrongAnswer(
                f"the function '{self._place}' returns a {type(found).__name__} that is no array "
                f"({in_words(error)}): it has to return one of shape [texts, size]"
            ) from error
        if embeddings.ndim != 2 or len(embeddings) != len(texts):
            raise WrongAnswer(
                f"the function '{self._place}' returns an array of shape "
                f"{list(embeddings.shape)} for {len(texts)} texts: it has to be [texts, size]"
            )
        return embeddings


class CallableBackend(Backend):
    """What `as_backend` makes a class of for each function."""

    name = "callable"
    artifact = "callable"
    precision = "any"
    modules: ClassVar[tuple[str, ...]] = ()
    covers = "texts"
    function: ClassVar[Function]

    @classmethod
    def own_model(cls) -> Artifact:
        """Return a tokenizer to make sentences of known lengths with; see `Backend.own_model`."""
        return keep_own(cls.artifact, VERSION, _write_model)

    @classmethod
    def load(cls, folder: Path, options: Options) -> CallableSession:  # noqa: ARG003 - it has its own
        """Take the function as it is; see `Backend.load`."""
        info = SessionInfo(
            threads=options.threads,
            precision=cls.precision,
            provider="a function of the project",
            library=cls.name,
        )
        return CallableSession(cls.name, cls.function, info)


@cache
def as_backend(place: str, function: Function) -> type[Backend]:
    """Return the backend that calls a function.

    Parameters
    ----------
    place : str
        `package.module:function`, which is the backend's name.
    function : callable
        The function.
    """
    members = {"name": place, "function": staticmethod(function)}
    return type("NamedCallable", (CallableBackend,), members)


def _write_model(folder: Path) -> dict[str, str]:
    return {**write_model(folder), "origin": "a function of the project, which has its own model"}
