"""The attempts: each is made of a model's folder, and encodes lists of tokens."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from emch.arrays import FloatArray, IntArray
from emch.backends.openvino.backend import OpenVino
from emch.backends.openvino.network import OpenVinoSession
from emch.backends.options import Options
from emch.backends.registry import get_backend, open_model
from emch.encoding.batching import Batch, batches
from emch.models import head
from emch.models.settings import read_settings
from emch.models.source import DEFAULT_MODEL

Tokens = Sequence[Sequence[int]]
Encode = Callable[[Tokens], FloatArray]
"""Takes token ids of texts; returns embeddings [texts, hidden], not normalised."""

BATCH_SIZE = 32
EIGHTH = 8
STEP = 8
"""Lengths are rounded up to a multiple of it where shapes are fixed."""


def folder_of(backend: str) -> Path:
    """Return the folder of the artifact that a backend loads."""
    return open_model(backend, DEFAULT_MODEL).folder


def encode_with(
    session: Any, made: Callable[[Tokens], Iterator[Batch]], callers: int | None = None
) -> Encode:
    """Return what sends batches through a session, from `callers`, or one for each stream."""
    pooling = None if session.pools else read_settings(folder_of("onnxruntime")).pooling

    def run(batch: Batch) -> tuple[Batch, FloatArray]:
        states = session.run(batch.input_ids, batch.attention_mask)
        if pooling is not None:
            states = head.pool(states, batch.attention_mask, pooling)
        return batch, states

    def encode(tokens: Tokens) -> FloatArray:
        found: FloatArray | None = None
        with ThreadPoolExecutor(callers or session.info.streams) as pool:
            for batch, states in pool.map(run, made(tokens)):
                if found is None:
                    found = np.empty((len(tokens), states.shape[1]), np.float32)
                found[batch.rows] = states[: len(batch.rows)]
        assert found is not None  # noqa: S101 - there are texts
        return found

    return encode


def some(tokens: Tokens) -> Tokens:
    """Return an eighth of the texts, as densely spread over lengths as all of them are.

    It is every eighth run of `BATCH_SIZE` texts in the order of lengths: of every eighth text, each
    batch would have more lengths, and so more padding, than a batch of all texts has.
    """
    order = sorted(range(len(tokens)), key=lambda text: len(tokens[text]))
    runs = range(0, len(order), EIGHTH * BATCH_SIZE)
    return [tokens[text] for start in runs for text in order[start : start + BATCH_SIZE]]


def sorted_by_length(tokens: Tokens) -> Iterator[Batch]:
    """Yield batches as emch makes them."""
    return batches(tokens, BATCH_SIZE, 0)


def without_padding(tokens: Tokens) -> Iterator[Batch]:
    """Yield batches of texts that have the same length, so that nothing is padded."""
    lengths = np.array([len(each) for each in tokens])
    for length in sorted(set(lengths), reverse=True):
        rows = np.flatnonzero(lengths == length)
        for start in range(0, len(rows), BATCH_SIZE):
            taken = rows[start : start + BATCH_SIZE]
            ids = np.array([tokens[row] for row in taken], dtype=np.int64)
            yield Batch(taken, ids, np.ones_like(ids))


def by_tokens(tokens: Tokens, most: int = 1024) -> Iterator[Batch]:
    """Yield batches of about as many tokens each."""
    order = sorted(range(len(tokens)), key=lambda row: -len(tokens[row]))
    while order:
        size = max(1, most // len(tokens[order[0]]))
        taken, order = order[:size], order[size:]
        for batch in batches([tokens[row] for row in taken], size, 0):
            yield Batch(np.array(taken)[batch.rows], batch.input_ids, batch.attention_mask)


def in_fixed_shapes(tokens: Tokens) -> Iterator[Batch]:
    """Yield batches of one size, whose lengths are multiples of `STEP`; the last is filled up."""
    for batch in sorted_by_length(tokens):
        count, length = batch.input_ids.shape
        missing = ((0, BATCH_SIZE - count), (0, -length % STEP))
        mask = np.pad(batch.attention_mask, missing)
        mask[count:, 0] = 1  # a text of one token, whose embedding is dropped
        yield Batch(batch.rows, np.pad(batch.input_ids, missing), mask)


def emch_backend(name: str, streams: int, made: Any = sorted_by_length) -> Encode:
    """Use a backend of emch as it is."""
    backend = get_backend(name)
    options = backend.options(threads=2, streams=streams)
    return encode_with(backend.load(folder_of(name), options), made)


def two_callers(name: str) -> Encode:
    """Let two callers with a thread each share a session, not one caller with two."""
    backend = get_backend(name)
    session = backend.load(folder_of(name), backend.options(threads=1))
    return encode_with(session, sorted_by_length, callers=2)


class FixedShapes:
    """A session that compiles the network for every shape that it meets."""

    pools = True

    def __init__(self, options: Options) -> None:
        self._options = options
        self._sessions: dict[tuple[int, ...], OpenVinoSession] = {}
        self.info = OpenVino.load(folder_of(OpenVino.name), options).info

    def run(self, ids: IntArray, mask: IntArray) -> FloatArray:
        """Run one batch; see `Session.run`."""
        if ids.shape not in self._sessions:
            changed = partial(reshape, shape=ids.shape)
            self._sessions[ids.shape] = compile_changed(self._options, changed)
        return self._sessions[ids.shape].run(ids, mask)


def reshape(network: Any, shape: tuple[int, ...]) -> None:
    """Fix the shape of every input."""
    network.reshape({port.get_any_name(): list(shape) for port in network.inputs})


def tanh_gelu(network: Any) -> None:
    """Let every Gelu use the tanh, which is cheaper than the error function.

    PyTorch exports it as 0.5 * (x * (1 + erf(x / sqrt 2))), in this order.
    """
    from openvino import opset13

    for node in network.get_ordered_ops():
        if node.get_type_name() == "Erf":
            halved, last = node.input_value(0).get_node().input_value(0), node
            for _ in range(3):
                (user,) = last.output(0).get_target_inputs()
                last = user.get_node()
            last.output(0).replace(opset13.gelu(halved, "tanh").output(0))


def compile_changed(options: Options, change: Callable[[Any], None]) -> OpenVinoSession:
    """Load as `OpenVino.load` does, with a change to the network before it is compiled."""
    import openvino

    core = openvino.Core()
    network, pools = OpenVino.read(core, folder_of(OpenVino.name))
    change(network)
    return OpenVinoSession(OpenVino.compile(core, network, options), pools=pools)
