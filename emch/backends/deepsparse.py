"""DeepSparse, whose last release is 1.8.0: an engine is compiled for one shape of its inputs.

With open shapes it hands the network to an old ONNX Runtime inside it. So a batch is padded to one
of a few lengths, and there is an engine for each shape that comes: each costs seconds to compile
and keeps its own copy of the weights.
"""

import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Options, Session, SessionInfo
from emch.backends.shapes import pad, step_up
from emch.errors import Unavailable

# Few lengths, since an engine for each is kept: half of what XLA has.
PARTS = 4

# Else it asks for this machine's address and calls Google Analytics when it is imported; here,
# since whoever imports the engine has looked up its backend before.
os.environ["NM_DISABLE_ANALYTICS"] = "1"


class DeepSparseSession(Session):
    """Engines of one model, by the shape of their inputs."""

    def __init__(self, model: Path, threads: int) -> None:
        self._model = model
        self._threads = threads
        self._engines: dict[tuple[int, int], Any] = {}
        self._compile_s: list[float] = []
        # The first is compiled at once, so that a model it refuses is refused at load.
        self.info = describe(self._engine(1, step_up(1, PARTS)))

    @property
    def compile_s(self) -> Sequence[float]:
        """Seconds of each compilation so far; see `Session.compile_s`."""
        return tuple(self._compile_s)

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch, the first of its padded shape after a compilation; see `Session.run`."""
        batch, tokens = input_ids.shape
        length = step_up(tokens, PARTS)
        engine = self._engine(batch, length)
        ids, mask = pad(input_ids, attention_mask, (batch, length), np.int64)
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids}
        hidden: FloatArray = engine.run([feeds[name] for name in engine.input_names])[0]
        return hidden[:, :tokens]

    def _engine(self, batch: int, tokens: int) -> Any:
        if (batch, tokens) not in self._engines:
            start = time.perf_counter()
            self._engines[batch, tokens] = compile_engine(self._model, batch, tokens, self._threads)
            self._compile_s.append(time.perf_counter() - start)
        return self._engines[batch, tokens]


class DeepSparse(Backend):
    """fp32."""

    artifact = "onnx"
    precision = "fp32"
    extra = "deepsparse"
    modules: ClassVar[tuple[str, ...]] = ("deepsparse",)

    @classmethod
    def load(cls, folder: Path, options: Options) -> DeepSparseSession:
        """Load `model.onnx`; see `Backend.load`."""
        import_quietly()
        return DeepSparseSession(folder / "model.onnx", options.threads)


def import_quietly() -> None:
    """Import DeepSparse without the warnings that its age brings.

    Raises
    ------
    Unavailable
        It has no code for this machine's system or instruction set.
    """
    with warnings.catch_warnings():
        # distutils, imghdr, pydantic's old validators: it will not be mended.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import deepsparse  # noqa: F401 - whoever needs it imports it again
        except OSError as error:
            raise Unavailable(f"DeepSparse does not run on this machine: {error}") from error


def compile_engine(model: Path, batch: int, tokens: int, threads: int) -> Any:
    """Compile a model for inputs of shape [batch, tokens].

    DeepSparse writes the shape into the model's file, so it gets a copy; it needs that no longer
    once it has compiled.
    """
    from deepsparse import Engine

    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        copy = shutil.copyfile(model, Path(folder) / model.name)
        return Engine(
            str(copy), batch_size=batch, num_cores=threads, input_shapes=[[batch, tokens]]
        )


def describe(engine: Any) -> SessionInfo:
    """Report what an engine of DeepSparse uses."""
    import deepsparse

    # `num_cores` is what was asked for; it takes no more than there are, and does not say so.
    cores = deepsparse.cpu_architecture().num_available_physical_cores
    return SessionInfo(
        threads=min(engine.num_cores, cores),
        streams=engine.num_streams,
        precision="fp32",
        provider=engine.cpu_avx_type,
        library=f"deepsparse {deepsparse.__version__}",
    )
