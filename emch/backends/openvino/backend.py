"""OpenVINO's backends, by precision."""

from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from emch.backends.base import Backend, Lines, Options
from emch.backends.cpu_features import require_cpu_bf16
from emch.backends.openvino.graph import append_pooling, feed_token_types
from emch.backends.openvino.network import OpenVinoNetwork, OpenVinoSession, properties
from emch.models.build_openvino import silence_telemetry
from emch.models.settings import read_settings

silence_telemetry()  # here, since code that imports the engine has looked up its backend before

POOLED_IN_THE_GRAPH = (("mean",), ("cls",))
"""What `append_pooling` has nodes for; all else is pooled as with every other engine."""


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
    covers = "pooling"
    has_streams = True
    files: ClassVar[tuple[str, ...] | None] = (".onnx", ".xml")
    file: ClassVar[str] = "model.onnx"
    hint: ClassVar[str] = "f32"

    @classmethod
    def lines(cls) -> Lines:
        """See `Backend.lines`."""
        hint = f'{{"INFERENCE_PRECISION_HINT": "{cls.hint}", "INFERENCE_NUM_THREADS": threads}}'
        return Lines(
            imports="import openvino",
            load=f"""\
network = openvino.Core().compile_model(f"{{folder}}/{cls.file}", "CPU", {hint})
inputs = [each.get_any_name() for each in network.inputs]""",
            call="""\
feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids}
states = network({name: feeds[name] for name in inputs})[0]""",
        )

    @classmethod
    def load(cls, folder: Path, options: Options) -> OpenVinoSession:
        """Read the network, let it end in the model's pooling, compile it; see `Backend.load`."""
        import openvino

        core = openvino.Core()
        network, pools = cls.read(core, folder)
        return OpenVinoSession(cls.compile(core, network, options), pools=pools)

    @classmethod
    def read(cls, core: Any, folder: Path) -> tuple[Any, bool]:
        """Read the network of an artifact; say whether it ends in the model's pooling."""
        network = core.read_model(folder / cls.file)
        feed_token_types(network)
        settings = read_settings(folder)
        if settings.pooling not in POOLED_IN_THE_GRAPH or settings.skips:
            return network, False
        return append_pooling(network, *settings.pooling), True

    @classmethod
    def load_network(cls, path: Path, options: Options) -> OpenVinoNetwork:
        """Load any ONNX file, or one of OpenVINO's own form; see `Backend.load_network`."""
        import openvino

        core = openvino.Core()
        return cls.compile(core, core.read_model(path), options)

    @classmethod
    def compile(cls, core: Any, network: Any, options: Options) -> OpenVinoNetwork:
        """Compile a network with what is asked for."""
        asked = {**properties(cls.hint, options.threads), "NUM_STREAMS": options.streams}
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
