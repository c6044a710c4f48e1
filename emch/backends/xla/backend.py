"""XLA through JAX: the encoder is compiled for each shape that batches are padded up to."""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Bare, Options, Session, SessionInfo
from emch.backends.shapes import pad, power_of_two, step_up
from emch.backends.xla.bert import BertSizes, hidden_states, read_sizes, read_weights
from emch.backends.xla.device import confined, open_device

PRECISIONS = {"float32": "fp32"}
DEVICES = {"gpu": "cuda"}


def bucket(texts: int, tokens: int, positions: int) -> tuple[int, int]:
    """Return the shape that a batch is padded up to, so that few shapes are compiled.

    Both sizes step up by eighths, but up to 16 texts become a power of two.

    Parameters
    ----------
    texts, tokens : int
        The shape of a batch, at least 1 each.
    positions : int
        The most tokens that the network takes.
    """
    return min(power_of_two(texts), step_up(texts, 8)), min(step_up(tokens, 8), positions)


class XlaSession(Session):
    """A JAX program over arrays, compiled when a batch first needs a shape."""

    def __init__(self, weights: dict[str, Any], sizes: BertSizes, info: SessionInfo) -> None:
        self.info = info
        self._weights = weights
        self._sizes = sizes
        self._compiled: dict[tuple[int, int], Any] = {}
        self._compile_s: list[float] = []

    @property
    def compile_s(self) -> Sequence[float]:
        """Seconds of each compilation so far; see `Session.compile_s`."""
        return self._compile_s

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch; see `Session.run`."""
        texts, tokens = input_ids.shape
        shape = bucket(texts, tokens, self._sizes.positions)
        if shape not in self._compiled:
            self._compiled[shape] = self._compile(shape)
        ids, mask = pad(input_ids, attention_mask, shape, np.int32)
        hidden: FloatArray = np.asarray(self._compiled[shape](self._weights, ids, mask))
        return hidden[:texts, :tokens]

    def bare(self, input_ids: IntArray, attention_mask: IntArray) -> Bare:
        """Call the program on padded arrays, and wait for its result; see `Session.bare`."""
        texts, tokens = input_ids.shape
        shape = bucket(texts, tokens, self._sizes.positions)
        self.run(input_ids, attention_mask)  # which compiles it
        program = self._compiled[shape]
        ids, mask = pad(input_ids, attention_mask, shape, np.int32)
        return lambda: np.asarray(program(self._weights, ids, mask))

    def _compile(self, shape: tuple[int, int]) -> Any:
        import jax

        start = time.perf_counter()
        batch = jax.ShapeDtypeStruct(shape, np.int32)
        network = jax.jit(partial(hidden_states, sizes=self._sizes))
        # Without the highest precision a GPU would multiply in TF32.
        with confined(self.info.threads), jax.default_matmul_precision("highest"):
            compiled = network.lower(self._weights, batch, batch).compile()
        self._compile_s.append(time.perf_counter() - start)
        return compiled


class Xla(Backend):
    """XLA in fp32."""

    name = "xla"
    artifact = "safetensors"
    precision = "fp32"
    extra = "xla"
    requires = ("jax>=0.10", "safetensors>=0.5")
    modules: ClassVar[tuple[str, ...]] = ("jax", "safetensors")
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")

    @classmethod
    def load(cls, folder: Path, options: Options) -> XlaSession:
        """Load `model.safetensors` onto the device; nothing is compiled yet. See `Backend.load`."""
        import jax

        sizes = read_sizes(folder)
        device, threads = open_device(options)
        weights = jax.device_put(read_weights(folder, sizes.layers), device)
        dtype = str(next(iter(weights.values())).dtype)
        info = SessionInfo(
            threads=threads,
            precision=PRECISIONS.get(dtype, dtype),
            provider=f"XLA {device.platform}",
            library=f"jax {jax.__version__}",
            device=DEVICES.get(device.platform, device.platform),
        )
        return XlaSession(weights, sizes, info)
