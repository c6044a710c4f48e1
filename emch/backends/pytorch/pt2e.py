"""Static int8 by PT2E: an exported network, quantized by torchao's rules for x86, and compiled."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from emch.backends.base import Options, require_honoured
from emch.backends.cpu_features import require_vnni
from emch.backends.pytorch.compiled import (
    CompiledSession,
    PyTorchCompile,
    configure,
    require_compiler,
)
from emch.backends.pytorch.eager import describe, load_for
from emch.backends.pytorch.hidden import hidden_alone
from emch.models.calibration import calibration_inputs
from emch.models.network_files import silencing

EXPORTED_SHAPE = (3, 8)
KNOWN_WARNINGS = ("To copy construct from a tensor",)
"""Messages about inductor's own code."""

TAKEN = ("input_ids", "attention_mask")


class QuantizedSession(CompiledSession):
    """A compiled graph over arrays."""

    def _forward(self, input_ids: Any, attention_mask: Any) -> Any:
        return self._model(input_ids, attention_mask)


class PyTorchCompileInt8(PyTorchCompile):
    """Static int8 in the linear layers, fp32 elsewhere."""

    name = "pytorch-compile-int8"
    precision = "int8"
    extra = "torchao"
    requires: ClassVar[tuple[str, ...]] = ("torchao>=0.18", "torch>=2.15", "transformers>=4.48,<6")
    modules: ClassVar[tuple[str, ...]] = ("torch", "transformers", "torchao")
    devices: ClassVar[tuple[str, ...]] = ("cpu",)  # the quantizer is that of x86
    asked: ClassVar[Mapping[str, Any]] = {"dynamic": True}
    session: ClassVar[type[CompiledSession]] = QuantizedSession

    @classmethod
    def import_engine(cls) -> None:
        """See `Backend.import_engine`; PyTorch logs that torchao calls it in an old way."""
        logger = logging.getLogger("torch.utils._pytree")
        before = logger.level
        logger.setLevel(logging.ERROR)
        try:
            super().import_engine()
        finally:
            logger.setLevel(before)

    @classmethod
    def load(cls, folder: Path, options: Options) -> CompiledSession:
        """Load `model.safetensors`, quantize it and compile it; see `Backend.load`.

        Raises
        ------
        LacksInstructions
            The CPU has no VNNI: see docs/engines.md for the answers without it.
        """
        import torch

        require_vnni()
        model = load_for(options, folder, "fp32")
        require_compiler()
        configure()
        graph = quantize(model, folder)
        info = replace(describe(model, cls.compiler()), precision=linear_precision(graph))
        require_honoured(info, options, cls.precision)  # before a minute of compiling
        with silencing(KNOWN_WARNINGS):
            return cls.warmed(torch.compile(graph, **cls.asked), folder, info)

    @classmethod
    def compiler(cls) -> str:
        """See `PyTorchCompile.compiler`."""
        return "inductor, PT2E"


def quantize(model: Any, folder: Path) -> Any:
    """Return the network as a graph whose linear layers take and have int8.

    The ranges of the layers' inputs are those that they have on the texts that also calibrate
    OpenVINO's int8.
    """
    import torch
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
    from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86

    quantizer = x86.X86InductorQuantizer()
    quantizer.set_global(x86.get_default_x86_inductor_quantization_config())
    with torch.no_grad():
        prepared = prepare_pt2e(export(model), quantizer)
        for inputs in calibration_inputs(folder, set(TAKEN)):
            prepared(*(torch.from_numpy(inputs[name]) for name in TAKEN))
        return convert_pt2e(prepared)


def export(model: Any) -> Any:
    """Return the network as a graph from tokens and mask, of any shape, to hidden states."""
    import torch

    # Two tensors: one that is given twice would be taken for one input.
    ids, mask = (torch.ones(EXPORTED_SHAPE, dtype=torch.int64) for _ in TAKEN)
    free = {0: torch.export.Dim.AUTO, 1: torch.export.Dim.AUTO}
    program = torch.export.export(hidden_alone(model), (ids, mask), dynamic_shapes=(free, free))
    graph = program.module()
    # The quantizer asks where each layer's output goes, and a pooler's goes nowhere here.
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return graph


def linear_precision(graph: Any) -> str:
    """Return the precision of the weights of the graph's linear layers; several are all named."""
    import torch

    made = {torch.ops.quantized_decomposed.dequantize_per_channel.default: "int8"}
    layers = [node for node in graph.graph.nodes if node.target is torch.ops.aten.linear.default]
    return "+".join(sorted({made.get(layer.args[1].target, "fp32") for layer in layers}))
