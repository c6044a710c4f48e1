"""The contract of a backend: what it says of itself, how it loads, how a session runs.

Everything around the network (tokens, batches, pooling) is shared code in `emch.encoding`, so
two backends differ in the engine alone. The one exception is `TextSession`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from emch.arrays import FloatArray, IntArray
from emch.backends.lines import Lines
from emch.backends.network import Network, TokenNetwork
from emch.backends.options import DEVICES, Options, SessionInfo, require_honoured
from emch.errors import Unavailable
from emch.models.artifacts import Artifact
from emch.models.settings import Role

__all__ = [
    "DEVICES",
    "Backend",
    "Bare",
    "Lines",
    "Network",
    "Options",
    "Part",
    "Session",
    "SessionInfo",
    "TextSession",
    "require_honoured",
]

Part = Callable[[IntArray, IntArray], Callable[[], FloatArray]]
"""Takes a batch as `Session.run` does; returns a callable that runs a part on its own inputs."""

Bare = Callable[[], object]
"""Runs the engine once by its own API, on inputs that were made beforehand."""


class Session(ABC):
    """A loaded network, ready to run batches of tokens; `network` is the same by named inputs.

    Attributes
    ----------
    info : SessionInfo
        What it really uses.
    pools : bool
        Whether the network ends in the model's pooling.
    """

    info: SessionInfo
    pools: bool = False

    @property
    def compile_s(self) -> Sequence[float]:
        """Seconds of each compilation for a new shape so far; most engines make none."""
        return ()

    @abstractmethod
    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run the network on one batch; as many threads as there are streams may call it at once.

        Parameters
        ----------
        input_ids, attention_mask : ndarray of int64, shape [batch, tokens]
            Padded on the right; the mask is 1 on tokens and 0 on padding.

        Returns
        -------
        ndarray of float32, shape [batch, tokens, hidden], or [batch, hidden] where it `pools`
            The last hidden states; what stands at padding is finite and means nothing.
        """

    @property
    def network(self) -> Network:
        """The network beneath, with its inputs by name; here just the two of `run`."""
        return TokenNetwork(self.run, self.info, "pooled" if self.pools else "last_hidden_state")

    def bare(self, input_ids: IntArray, attention_mask: IntArray) -> Bare:
        """Return what `evaluation.loop_cost` holds `run` against: the same batch, without emch.

        It ends when the answer is an array in this process's memory: a caller needs no less.
        """
        return partial(self.run, input_ids, attention_mask)

    def part(self, name: str) -> Part:  # noqa: ARG002 - for engines that can be cut
        """Cut out a part of the network, whose result has shape [batch, tokens, hidden].

        Parameters
        ----------
        name : {"embeddings", "layer", "encoder"}
            Tokens to hidden states; those through the first layer; those through all layers.

        Raises
        ------
        Unavailable
            The engine cannot be cut, or the network has no such part.
        """
        raise Unavailable(f"{self.info.library} cannot be cut into parts")


class TextSession(ABC):
    """A loaded library that encodes texts by itself: tokens, batches and pooling are its own."""

    info: SessionInfo

    @abstractmethod
    def encode(self, texts: Sequence[str], batch_size: int, role: Role) -> FloatArray:
        """Encode texts of a role, its prompt before each.

        Returns
        -------
        ndarray of float32, shape [texts, size]
            What the model returns, in the order of the texts.
        """

    def bare(self, texts: Sequence[str]) -> Bare:
        """Return what encodes texts as one batch without emch; see `Session.bare`."""
        return partial(self.encode, texts, len(texts), "text")


class Backend(ABC):
    """An engine at one precision.

    Attributes
    ----------
    artifact : str
        The kind of artifact it loads, or its word for the model that it brings.
    precision : str
        The precision it computes in, as in `SessionInfo`.
    name : str
        What emch calls it; of a backend from outside that is what its entry point says.
    extra : str or None
        The extra of this package that installs what it needs; None for a backend from outside.
    requires : tuple of str
        The requirements of the engine, as pip takes them: the extra, and what a stack must fulfil.
    modules : tuple of str
        The modules that must be importable.
    covers : str
        What a timed call of it has in it: the `network` alone, `pooling` too, or `texts`, which is
        the tokenizer and all. The page Engines has the words for them.
    slow_to_load : bool
        Whether it loads for minutes the first time: it is not tried where nobody named it.
    devices : tuple of str
        The devices it has code for.
    has_streams : bool
        Whether it works on several batches at once.
    network_streams : bool
        Whether a network that it loads from any file works on several requests at once.
    files : tuple of str, or None
        How the names of files end that `load_network` reads; None where it does not say.
    options : type
        `Options`, or the engine's subclass of it.
    """

    name: ClassVar[str]
    artifact: ClassVar[str]
    precision: ClassVar[str]
    extra: ClassVar[str | None] = None
    requires: ClassVar[tuple[str, ...]] = ()
    modules: ClassVar[tuple[str, ...]]
    covers: ClassVar[str] = "network"
    slow_to_load: ClassVar[bool] = False
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    has_streams: ClassVar[bool] = False
    network_streams: ClassVar[bool] = False
    files: ClassVar[tuple[str, ...] | None] = None
    options: ClassVar[type[Options]] = Options

    @classmethod
    def unavailable(cls) -> str | None:
        """Say why the backend cannot be used here, and what would help; None if it can be used.

        It looks for the modules without importing an engine, so it is cheap.
        """
        for module in cls.modules:
            try:
                found = find_spec(module) is not None
                reason = f"No module named '{module}'"
            except ImportError as error:  # a parent package is missing or broken
                found, reason = False, str(error)
            if not found:
                needed = [f"emch[{cls.extra}]"] if cls.extra else cls.requires
                return f"{reason}: pip install {' '.join(map(repr, needed))}"
        return None

    @classmethod
    def own_model(cls) -> Artifact | None:
        """Return the model that the backend brings; None where it loads one that was prepared.

        There is no reference for such a model, so that its answers are not checked.
        """
        return None

    @classmethod
    def lines(cls) -> Lines | None:
        """Return the lines of Python that do what the backend does, without emch.

        None where there are none that a reader could take over.
        """
        return None

    @classmethod
    def import_engine(cls) -> None:
        """Import what the backend needs; an ImportError, or OSError of a library, is passed on."""
        for module in cls.modules:
            import_module(module)

    @classmethod
    @abstractmethod
    def load(cls, folder: Path, options: Any) -> Session | TextSession:
        """Load the artifact in `folder`, which is not written to.

        What is asked for is an instance of the class's own `options`.
        The session's `info` is what the engine reports; `load_session` holds it against `options`.

        Raises
        ------
        ImportError
            The engine is there but cannot be imported.
        Unavailable
            This machine lacks the device, or an instruction set, that is asked for.
        """

    @classmethod
    def load_network(cls, path: Path, options: Any) -> Network:  # noqa: ARG003 - see below
        """Load any network from a file of a form that the engine reads, ONNX say.

        Raises
        ------
        Unavailable
            The engine reads no such file; or as `load` does.
        """
        raise Unavailable(f"a {cls.__name__} loads no file of any network: take another backend")
