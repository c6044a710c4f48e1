"""DeepSparse, whose last release is 1.8.0: an engine is compiled for one shape of its inputs.

With open shapes it hands the network to an old ONNX Runtime inside it. So a batch is padded to one
of a few lengths, and each shape has an engine, which takes seconds to compile and keeps its own
copy of the weights.
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
from numpy.typing import NDArray

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Bare, Options, Session, SessionInfo
from emch.backends.network import Feeds, Input, Network, free_axis
from emch.backends.shapes import pad, step_up
from emch.errors import Unavailable

# Few lengths, since an engine for each is kept: half as many as for XLA.
PARTS = 4

Shapes = tuple[tuple[int, ...], ...]
"""The shape of each input, in the order of the file."""

# Else it asks for this machine's address and calls Google Analytics when it is imported; here,
# since code that imports the engine has looked up its backend before.
os.environ["NM_DISABLE_ANALYTICS"] = "1"


class DeepSparseNetwork(Network):
    """Engines of one network, by the shapes of their inputs.

    Attributes
    ----------
    compile_s : list of float
        Seconds of each compilation so far.
    """

    def __init__(self, model: Path, options: Options, first: tuple[int, ...] | None = None) -> None:
        self._model = model
        self._options = options
        self._engines: dict[Shapes, Any] = {}
        self.compile_s: list[float] = []
        self.inputs = read_inputs(model)
        # The first is compiled at once, so that a model it refuses is refused at load.
        engine = self.engine(tuple(first or least_shape(each) for each in self.inputs))
        self.info = describe(engine)
        self._outputs = list(engine.output_names)

    def run(self, feeds: Feeds) -> dict[str, NDArray[Any]]:
        """Run it once, the first of its shapes after a compilation; see `Network.run`."""
        arrays = [np.ascontiguousarray(feeds[each.name]) for each in self.inputs]
        found = self.engine(tuple(array.shape for array in arrays)).run(arrays)
        return dict(zip(self._outputs, found, strict=True))

    def engine(self, shapes: Shapes) -> Any:
        """Return the engine for some shapes, compiled if there is none yet."""
        if shapes not in self._engines:
            start = time.perf_counter()
            self._engines[shapes] = compile_engine(self._model, shapes, self._options)
            self.compile_s.append(time.perf_counter() - start)
        return self._engines[shapes]


class DeepSparseSession(Session):
    """A network of DeepSparse over batches of tokens, which are padded to few lengths."""

    def __init__(self, network: DeepSparseNetwork) -> None:
        self.info = network.info
        self._network = network

    @property
    def network(self) -> DeepSparseNetwork:
        """See `Session.network`."""
        return self._network

    @property
    def compile_s(self) -> Sequence[float]:
        """Seconds of each compilation so far; see `Session.compile_s`."""
        return tuple(self._network.compile_s)

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch, the first of its padded shape after a compilation; see `Session.run`."""
        engine, feeds = self._padded(input_ids, attention_mask)
        hidden: FloatArray = engine.run(feeds)[0]
        return hidden[:, : input_ids.shape[1]]

    def bare(self, input_ids: IntArray, attention_mask: IntArray) -> Bare:
        """Run the engine of this shape on padded arrays; see `Session.bare`."""
        engine, feeds = self._padded(input_ids, attention_mask)
        return lambda: engine.run(feeds)

    def _padded(
        self, input_ids: IntArray, attention_mask: IntArray
    ) -> tuple[Any, list[NDArray[Any]]]:
        batch, tokens = input_ids.shape
        length = step_up(tokens, PARTS)
        engine = self._network.engine(((batch, length),) * len(self._network.inputs))
        ids, mask = pad(input_ids, attention_mask, (batch, length), np.int64)
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids}
        return engine, [feeds[name] for name in engine.input_names]


class DeepSparse(Backend):
    """DeepSparse in fp32."""

    name = "deepsparse"
    artifact = "onnx"
    precision = "fp32"
    extra = "deepsparse"
    requires = ("deepsparse==1.8.0", "numpy<2")
    modules: ClassVar[tuple[str, ...]] = ("deepsparse",)
    network_streams = True
    files: ClassVar[tuple[str, ...] | None] = (".onnx",)

    @classmethod
    def load(cls, folder: Path, options: Options) -> DeepSparseSession:
        """Load `model.onnx`; see `Backend.load`."""
        import_quietly()
        first = (1, step_up(1, PARTS))
        network = DeepSparseNetwork(folder / "model.onnx", options, first)
        return DeepSparseSession(network)

    @classmethod
    def load_network(cls, path: Path, options: Options) -> DeepSparseNetwork:
        """Load any ONNX file, at first for free axes of size 1; see `Backend.load_network`.

        Every further shape costs seconds when it first comes. DeepSparse 1.8.0 leaves out an Add of
        an input right behind a MatMul, without a word: look at its answers.
        """
        import_quietly()
        return DeepSparseNetwork(path, options)


def import_quietly() -> None:
    """Import DeepSparse without the warnings about the old interfaces that it uses.

    Raises
    ------
    Unavailable
        It has no code for this machine's system or instruction set.
    """
    with warnings.catch_warnings():
        # distutils, imghdr, pydantic's old validators: no later release will fix them.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import deepsparse  # noqa: F401 - code that needs it imports it again
        except OSError as error:
            raise Unavailable(f"DeepSparse does not run on this machine: {error}") from error


def least_shape(taken: Input) -> tuple[int, ...]:
    """Return the shape of an input whose free axes have size 1."""
    return tuple(1 if isinstance(size, str) else size for size in taken.shape)


def read_inputs(model: Path) -> tuple[Input, ...]:
    """Read from an ONNX file what its network takes; DeepSparse itself says that of an engine."""
    import onnx

    graph = onnx.load(str(model), load_external_data=False).graph
    constants = {tensor.name for tensor in graph.initializer}
    return tuple(_describe(value) for value in graph.input if value.name not in constants)


def _describe(value: Any) -> Input:
    from onnx.helper import tensor_dtype_to_np_dtype

    tensor = value.type.tensor_type
    shape = tuple(
        size.dim_value or size.dim_param or free_axis(value.name, axis)
        for axis, size in enumerate(tensor.shape.dim)
    )
    return Input(value.name, tensor_dtype_to_np_dtype(tensor.elem_type).name, shape)


def compile_engine(model: Path, shapes: Shapes, options: Options) -> Any:
    """Compile a model for inputs of some shapes.

    With several streams it serves each request in turn by a part of the cores, as they come.

    DeepSparse writes the shape into the model's file, so it gets a copy; it needs that no longer
    once it has compiled.
    """
    from deepsparse import Engine, Scheduler

    first = {shape[0] for shape in shapes}
    batch = first.pop() if len(first) == 1 else None  # None: it need not be one size
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        copy = shutil.copyfile(model, Path(folder) / model.name)
        return Engine(
            str(copy),
            batch_size=batch,
            num_cores=options.threads,
            num_streams=options.streams,
            scheduler=Scheduler.elastic if options.streams > 1 else Scheduler.single_stream,
            input_shapes=[*map(list, shapes)],
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
