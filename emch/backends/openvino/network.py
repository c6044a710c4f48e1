"""A compiled network of OpenVINO, over arrays by name and over batches of tokens."""

from collections import Counter
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any

from numpy.typing import NDArray

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Bare, Session, SessionInfo
from emch.backends.network import Feeds, Input, Network, free_axis
from emch.backends.profile import Operator

WARM_CALLS = 2
"""Calls of each input before those that a profile counts."""

PRECISIONS = {"f32": "fp32", "bf16": "bf16", "i8": "int8", "u8": "int8"}
"""Our names of what OpenVINO computes in, by its names."""


class OpenVinoNetwork(Network):
    """A compiled network of OpenVINO over arrays by name, with a request for each stream.

    Attributes
    ----------
    idle : queue of openvino.InferRequest
        Those that run nothing now.
    """

    def __init__(self, compiled: Any, compile_profiled: Callable[[], Any]) -> None:
        self.info = describe(compiled)
        self.inputs = tuple(describe_input(port) for port in compiled.inputs)
        self._compile_profiled = compile_profiled
        self._outputs = [port.get_any_name() for port in compiled.outputs]
        self.idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(self.info.streams):
            self.idle.put(compiled.create_infer_request())

    def run(self, feeds: Feeds) -> dict[str, NDArray[Any]]:
        """Run it once, once a request is idle; see `Network.run`."""
        request = self.idle.get()
        try:
            request.start_async(feeds)
            request.wait()
            found = (request.get_output_tensor(place) for place in range(len(self._outputs)))
            return {
                name: tensor.data.copy() for name, tensor in zip(self._outputs, found, strict=True)
            }
        finally:
            self.idle.put(request)

    def profile(self, feeds: Sequence[Feeds], calls: int) -> list[Operator]:
        """Compile it once more, with OpenVINO's profile; see `Network.profile`."""
        request = self._compile_profiled().create_infer_request()
        seconds: Counter[tuple[str, str]] = Counter()
        for call in range(-WARM_CALLS * len(feeds), calls):
            request.infer(feeds[call % len(feeds)])
            if call >= 0:
                for node in request.profiling_info:
                    spent = node.real_time.total_seconds()
                    seconds[node.node_name, node.node_type] += spent
        return [Operator(*node, spent / calls) for node, spent in seconds.most_common() if spent]


class OpenVinoSession(Session):
    """A compiled network of OpenVINO over batches of tokens."""

    def __init__(self, network: OpenVinoNetwork, *, pools: bool) -> None:
        self.pools = pools
        self.info = network.info
        self._network = network
        self._idle = network.idle

    @property
    def network(self) -> OpenVinoNetwork:
        """See `Session.network`."""
        return self._network

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch, once a request is idle; see `Session.run`."""
        request = self._idle.get()
        try:
            # Not infer(): that one computes in the calling thread, whichever stream it falls to.
            request.start_async({"input_ids": input_ids, "attention_mask": attention_mask})
            request.wait()
            # A copy, since the request's next batch is written over this memory.
            embeddings: FloatArray = request.get_output_tensor(0).data.copy()
        finally:
            self._idle.put(request)
        return embeddings

    def bare(self, input_ids: IntArray, attention_mask: IntArray) -> Bare:
        """Run an infer request; see `Session.bare`."""
        request = self._idle.get()
        self._idle.put(request)
        feeds = {"input_ids": input_ids, "attention_mask": attention_mask}

        def call() -> None:
            request.start_async(feeds)
            request.wait()

        return call


def describe_input(port: Any) -> Input:
    """Return what a port takes; OpenVINO does not keep the names of free axes."""
    name = port.get_any_name()
    shape = tuple(
        free_axis(name, axis) if size.is_dynamic else size.get_length()
        for axis, size in enumerate(port.get_partial_shape())
    )
    return Input(name, port.get_element_type().to_dtype().name, shape)


def properties(hint: str, threads: int) -> dict[str, Any]:
    """Return what every way into OpenVINO is told: the precision, by its name, and the threads."""
    return {
        "INFERENCE_PRECISION_HINT": hint,
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_HYPER_THREADING": True,  # or it uses no more threads than there are cores
        "ENABLE_CPU_PINNING": False,  # or a thread waits while others use the CPU it is tied to
    }


def describe(compiled: Any) -> SessionInfo:
    """Report what a compiled network uses.

    Its precision is that of most of its linear layers, or of most layers where it has none.
    """
    import openvino

    layers = [node.get_rt_info() for node in compiled.get_runtime_model().get_ops()]
    linear = [layer for layer in layers if layer["layerType"].value == "FullyConnected"]
    precisions = Counter(layer["runtimePrecision"].value for layer in linear or layers)
    [(precision, _)] = precisions.most_common(1)
    return SessionInfo(
        threads=compiled.get_property("INFERENCE_NUM_THREADS"),
        streams=compiled.get_property("NUM_STREAMS"),
        precision=PRECISIONS.get(precision, precision),
        provider=", ".join(compiled.get_property("EXECUTION_DEVICES")),
        library=f"openvino {openvino.__version__.partition('-')[0]}",
    )
