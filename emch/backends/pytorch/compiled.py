"""PyTorch's compiler through transformers: torch.compile with inductor, weights frozen."""

import os
import threading
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Options, SessionInfo, require_honoured
from emch.backends.pytorch.eager import PyTorch, TorchSession, describe, load_for
from emch.cache import cache_dir, locked
from emch.errors import Unavailable

# A batch of 1 is always compiled by itself. Sizes that were equal would be taken for one size.
WARM_SHAPES = ((3, 7), (1, 7))
CACHE_VARIABLE = "TORCHINDUCTOR_CACHE_DIR"


class CompilationTimer(threading.local):
    """Takes the time of each compilation in this thread; an outer one includes its inner ones.

    PyTorch tells its callbacks of every compilation, also of one that its cache makes short, in the
    thread that compiles. To register them at each call would take 2 % of a short one.

    Attributes
    ----------
    seconds : list of float or None
        The list that the seconds are appended to; None ignores them.
    """

    seconds: list[float] | None = None
    _began: float

    def listen(self) -> None:
        """Let PyTorch report its compilations from now on; one call is enough."""
        from torch._dynamo.callback import callback_handler

        if self._start not in callback_handler.start_callbacks:
            callback_handler.register_start_callback(self._start)
            callback_handler.register_end_callback(self._end)

    def _start(self, _: object) -> None:
        self._began = time.perf_counter()

    def _end(self, _: object) -> None:
        if self.seconds is not None:
            self.seconds.append(time.perf_counter() - self._began)


timer = CompilationTimer()


class CompiledSession(TorchSession):
    """A compiled transformers model over arrays."""

    def __init__(self, model: Any, info: SessionInfo) -> None:
        super().__init__(model, info)
        self._compile_s: list[float] = []
        timer.listen()

    @property
    def compile_s(self) -> Sequence[float]:
        """Seconds of each compilation in `run`; those of loading are not in it."""
        return self._compile_s

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch; see `Session.run`."""
        timer.seconds = self._compile_s
        try:
            # A view with other strides would be compiled for anew; numpy calls some contiguous.
            return super().run(input_ids.copy(), attention_mask.copy())
        finally:
            timer.seconds = None


class PyTorchCompile(PyTorch):
    """torch.compile in fp32, for any shape.

    Attributes
    ----------
    asked : mapping of str to object
        What `torch.compile` is told.
    session : type of CompiledSession
        What calls the compiled network.
    """

    name = "pytorch-compile"
    files = ()
    # fullgraph: what cannot be compiled is an error, and does not run eagerly unnoticed.
    asked: ClassVar[Mapping[str, Any]] = {"fullgraph": True, "dynamic": True}
    session: ClassVar[type[CompiledSession]] = CompiledSession

    @classmethod
    def lines(cls) -> None:
        """Return none: they would not be few; see `Backend.lines`."""

    @classmethod
    def load(cls, folder: Path, options: Options) -> CompiledSession:
        """Load `model.safetensors` and compile it; see `Backend.load`."""
        import torch

        model = load_for(options, folder, cls.precision)
        require_compiler()
        configure()
        info = describe(model, cls.compiler())
        compiled = torch.compile(model, **cls.asked)
        require_honoured(info, options, cls.precision)  # before a minute of compiling
        return cls.warmed(compiled, folder, info)

    @classmethod
    def compiler(cls) -> str:
        """Return the provider that a session names."""
        return "inductor"

    @classmethod
    def warmed(cls, compiled: Any, folder: Path, info: SessionInfo) -> CompiledSession:  # noqa: ARG003 - for what is compiled for a model's lengths
        """Return a session that has been compiled for every shape, so that no later call is."""
        session = cls.session(compiled, info)
        warm_up(session, WARM_SHAPES)
        return session


class PyTorchCompileBf16(PyTorchCompile):
    """bf16: weights and arithmetic."""

    name = "pytorch-compile-bf16"
    precision = "bf16"


def require_compiler() -> None:
    """Raise `Unavailable` where the compiler is turned off, or inductor finds no C++ compiler."""
    from torch._dynamo import config
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    if config.disable or os.environ.get("TORCHDYNAMO_DISABLE") == "1":
        raise Unavailable(
            "torch.compile is turned off here: unset TORCH_COMPILE_DISABLE and TORCHDYNAMO_DISABLE"
        )
    try:
        get_cpp_compiler()
    except InvalidCxxCompiler as error:
        raise Unavailable(
            f"torch.compile needs a C++ compiler ({error}): install g++, or name another in CXX"
        ) from error


def configure() -> None:
    """Set what belongs to the process: frozen weights, no helper processes, where the cache is.

    Options of `torch.compile` would not do: dynamo reads `freezing` from the process's settings.
    """
    with warnings.catch_warnings():
        # What freezing imports still uses TorchScript, and PyTorch warns its own code of that.
        warnings.filterwarnings("ignore", r"`torch\.jit\.\w+` is deprecated", DeprecationWarning)
        import torch.utils.mkldnn  # noqa: F401 - it is loaded for its warning
    from torch._dynamo import config as dynamo
    from torch._inductor import config
    from torch._inductor.runtime.cache_dir_utils import default_cache_dir

    # Else a first compilation finds that the model's floats never change, and a second one begins.
    dynamo.specialize_float = True
    dynamo.recompile_limit = 64  # all sessions of a process share it; beyond it there is an error
    config.freezing = True
    config.compile_threads = 1  # helper processes would run beside the measured one
    # PyTorch sets the variable itself when it is imported, so its default means no choice.
    if os.environ.get(CACHE_VARIABLE, default_cache_dir()) == default_cache_dir():
        folder = cache_dir() / "inductor"
        with locked(folder):  # which says in a sentence that it cannot be written
            os.environ[CACHE_VARIABLE] = str(folder)


def warm_up(session: CompiledSession, shapes: Iterable[tuple[int, int]]) -> None:
    """Compile for every shape, so that no later call has to."""
    for shape in shapes:
        ones = np.ones(shape, dtype=np.int64)
        TorchSession.run(session, ones, ones)  # not counted: it belongs to loading
