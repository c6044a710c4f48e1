"""OpenVINO on the CPU: pooling inside the graph, and as many streams as are asked for."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Bare, Options, Session, SessionInfo
from emch.backends.cpu_features import require_cpu_bf16
from emch.backends.network import Feeds, Input, Network, free_axis
from emch.backends.profile import Operator
from emch.models.build_openvino import silence_telemetry
from emch.models.settings import read_settings

silence_telemetry()  # here, since code that imports the engine has looked up its backend before

WARM_CALLS = 2
"""Calls of each input before those that a profile counts."""

PRECISIONS = {"f32": "fp32", "bf16": "bf16", "i8": "int8", "u8": "int8"}
"""Our names of what OpenVINO computes in, by its names."""

POOLED_IN_THE_GRAPH = (("mean",), ("cls",))
"""What `append_pooling` has nodes for; all else is pooled as with every other engine."""


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


class OpenVino(Backend):
    """OpenVINO in fp32.

    Attributes
    ----------
    file : str
        The file of the artifact that OpenVINO reads.
    hint : str
        The precision, by OpenVINO's name, of all that is not quantized.
    """

    name = "openvino"
    artifact = "onnx"
    precision = "fp32"
    extra = "openvino"
    requires = ("openvino>=2024.0",)
    modules: ClassVar[tuple[str, ...]] = ("openvino",)
    has_streams = True
    files: ClassVar[tuple[str, ...] | None] = (".onnx", ".xml")
    file: ClassVar[str] = "model.onnx"
    hint: ClassVar[str] = "f32"

    @classmethod
    def load(cls, folder: Path, options: Options) -> OpenVinoSession:
        """Read the network, let it end in the model's pooling, compile it; see `Backend.load`."""
        import openvino

        core = openvino.Core()
        network = core.read_model(folder / cls.file)
        feed_token_types(network)
        settings = read_settings(folder)
        pools = settings.pooling in POOLED_IN_THE_GRAPH and not settings.skips
        if pools:
            network = append_pooling(network, *settings.pooling)
        return OpenVinoSession(cls._compile(core, network, options), pools=pools)

    @classmethod
    def load_network(cls, path: Path, options: Options) -> OpenVinoNetwork:
        """Load any ONNX file, or one of OpenVINO's own form; see `Backend.load_network`."""
        import openvino

        core = openvino.Core()
        return cls._compile(core, core.read_model(path), options)

    @classmethod
    def _compile(cls, core: Any, network: Any, options: Options) -> OpenVinoNetwork:
        asked = {
            "INFERENCE_PRECISION_HINT": cls.hint,
            "INFERENCE_NUM_THREADS": options.threads,
            "NUM_STREAMS": options.streams,
            "ENABLE_HYPER_THREADING": True,  # or it uses no more threads than there are cores
            "ENABLE_CPU_PINNING": False,  # or a thread waits while others use the CPU it is tied to
        }
        compiled = partial(core.compile_model, network, "CPU")
        # With its profile OpenVINO reads the clock at each operator, which takes time.
        return OpenVinoNetwork(compiled(asked), partial(compiled, {**asked, "PERF_COUNT": True}))


class OpenVinoBf16(OpenVino):
    """bf16, where the CPU has instructions for it."""

    name = "openvino-bf16"
    precision = "bf16"
    hint = "bf16"

    @classmethod
    def load(cls, folder: Path, options: Options) -> OpenVinoSession:
        """Load `model.onnx`; see `Backend.load`."""
        require_cpu_bf16()
        return super().load(folder, options)

    @classmethod
    def load_network(cls, path: Path, options: Options) -> OpenVinoNetwork:
        """Load any ONNX file; see `Backend.load_network`."""
        require_cpu_bf16()
        return super().load_network(path, options)


class OpenVinoInt8(OpenVino):
    """Static int8 by NNCF, and fp32 where it leaves something out."""

    name = "openvino-int8"
    artifact = "openvino-int8"
    precision = "int8"
    file = "model.xml"


def feed_token_types(network: Any) -> None:
    """Let the graph make the zeros for its input `token_type_ids` itself, if it has one."""
    ops = operations()
    for parameter in network.get_parameters():
        if "token_type_ids" in parameter.output(0).get_names():
            shape = ops.shape_of(network.input("input_ids"))
            parameter.output(0).replace(ops.broadcast(np.int64(0), shape).output(0))
            network.remove_parameter(parameter)


def append_pooling(network: Any, pooling: str) -> Any:
    """Return the network with what `emch.models.head.pool` does at its end.

    Its one output has shape [batch, hidden].
    """
    import openvino

    ops = operations()
    hidden = network.output("last_hidden_state").get_node().input_value(0)
    if pooling == "cls":
        pooled = ops.gather(hidden, np.int64(0), np.int64(1))
    else:
        mask = ops.convert(network.input("attention_mask"), "f32")
        weights = ops.divide(mask, ops.reduce_sum(mask, np.int64(1), keep_dims=True))
        sums = ops.matmul(ops.unsqueeze(weights, np.int64(1)), hidden, False, False)
        pooled = ops.squeeze(sums, np.int64(1))
    return openvino.Model([pooled], network.get_parameters(), "encoder")


def operations() -> Any:
    """Return OpenVINO's module of operations, which was elsewhere in 2024."""
    try:
        from openvino import opset13
    except ImportError:
        from openvino.runtime import opset13
    return opset13


def describe_input(port: Any) -> Input:
    """Return what a port takes; OpenVINO does not keep the names of free axes."""
    name = port.get_any_name()
    shape = tuple(
        free_axis(name, axis) if size.is_dynamic else size.get_length()
        for axis, size in enumerate(port.get_partial_shape())
    )
    return Input(name, port.get_element_type().to_dtype().name, shape)


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
