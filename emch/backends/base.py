"""The contract of a backend: what it says of itself, how it loads, how a session runs.

Everything around the network (tokens, batches, pooling) is shared code in `emch.tasks`, so two
backends differ in the engine alone. The one exception is `TextSession`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from emch.arrays import FloatArray, IntArray
from emch.errors import OptionNotHonoured, Unavailable
from emch.measure.cpus import require_cpus
from emch.models.artifacts import Artifact
from emch.models.settings import Role

Part = Callable[[IntArray, IntArray], Callable[[], FloatArray]]
"""Takes a batch as `Session.run` does; returns what runs a part on what it gets of that."""

DEVICES = ("cpu", "cuda")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a session is asked to use; None leaves the choice to the engine.

    Attributes
    ----------
    threads : int
        Threads of the engine, over all its streams.
    streams : int
        Batches that the engine works on at once; each has an equal part of the threads.
    device : {"cpu", "cuda"}
        What computes.
    provider : str or None
        The execution provider, by ONNX Runtime's name for it.
    optimization : str or None
        The level of graph optimisation, by ONNX Runtime's name: disable, basic, extended, all.
    oversubscribe : bool
        Whether there may be more threads than usable CPUs.
    """

    threads: int
    streams: int = 1
    device: str = "cpu"
    provider: str | None = None
    optimization: str | None = None
    oversubscribe: bool = False

    def require_cpus(self, callers: int = 1) -> None:
        """Raise `InvalidInput` where sessions of some callers need what `require_cpus` refuses."""
        require_cpus(
            self.threads, streams=self.streams, callers=callers, oversubscribe=self.oversubscribe
        )


@dataclass(frozen=True, kw_only=True)
class SessionInfo:
    """What a session really uses, as the engine itself reports it after loading.

    Attributes
    ----------
    threads, streams, device, optimization
        As in `Options`; None where the engine knows no such thing.
    precision : str
        A key of `emch.models.agreement.COSINE_LIMITS`.
    provider : str
        The engine's own name for what executes.
    library : str
        The engine and its version.
    """

    threads: int
    precision: str
    provider: str
    library: str
    streams: int = 1
    device: str = "cpu"
    optimization: str | None = None


def require_honoured(info: SessionInfo, options: Options, precision: str) -> None:
    """Raise `OptionNotHonoured` where a session does not use what was asked for."""
    wanted = {**asdict(options), "precision": precision}
    del wanted["oversubscribe"]  # a permission: no session uses it
    for what, asked in wanted.items():
        used = getattr(info, what)
        if asked is not None and asked != used:
            raise OptionNotHonoured(f"{info.library} was asked for {what} {asked} and uses {used}")


def require_taken(name: str, backend: "type[Backend]", options: Options) -> None:
    """Raise `OptionNotHonoured` for what a backend has no code for, without loading anything."""
    for option in ("streams", "provider", "optimization"):
        asked, default = getattr(options, option), getattr(Options, option)
        if asked != default and option not in backend.takes:
            raise OptionNotHonoured(f"the backend '{name}' has no {option}: {asked} was asked for")


class Session(ABC):
    """A loaded network, ready to run batches of tokens.

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


class Backend(ABC):
    """An engine at one precision.

    Attributes
    ----------
    artifact : str
        The kind of artifact it loads, or its word for the model that it brings.
    precision : str
        The precision it computes in, as in `SessionInfo`.
    extra : str or None
        The extra of this package that installs what it needs; None for a backend from outside.
    modules : tuple of str
        The modules that must be importable.
    devices : tuple of str
        The devices it has code for.
    takes : tuple of str
        Those of the options streams, provider and optimization that it has code for.
    """

    artifact: ClassVar[str]
    precision: ClassVar[str]
    extra: ClassVar[str | None] = None
    modules: ClassVar[tuple[str, ...]]
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    takes: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def unavailable(cls) -> str | None:
        """Say why the backend cannot be used here, and what would mend it; None if it can.

        It looks for the modules without importing an engine, so it is cheap.
        """
        for module in cls.modules:
            try:
                found = find_spec(module) is not None
                reason = f"No module named '{module}'"
            except ImportError as error:  # a parent package is missing or broken
                found, reason = False, str(error)
            if not found:
                mend = f"pip install 'emch[{cls.extra}]'" if cls.extra else "install what has it"
                return f"{reason}: {mend}"
        return None

    @classmethod
    def own_model(cls) -> Artifact | None:
        """Return the model that the backend brings; None where it loads one that was prepared.

        There is no reference for such a model, so that its answers are not checked.
        """
        return None

    @classmethod
    def import_engine(cls) -> None:
        """Import what the backend needs; an ImportError, or OSError of a library, is passed on."""
        for module in cls.modules:
            import_module(module)

    @classmethod
    @abstractmethod
    def load(cls, folder: Path, options: Options) -> Session | TextSession:
        """Load the artifact in `folder`, which is not written to.

        The session's `info` is what the engine reports; `load_session` holds it against `options`.

        Raises
        ------
        ImportError
            The engine is there but cannot be imported.
        Unavailable
            This machine lacks the device, or an instruction set, that is asked for.
        """
