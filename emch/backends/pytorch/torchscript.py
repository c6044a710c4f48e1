"""TorchScript: the network traced and frozen, so that no Python runs between its layers.

`torch.jit.optimize_for_inference` is left out: it splits each linear layer into a product and a
sum, which gains nothing.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from emch.backends.base import Options
from emch.backends.cpu_features import require_vnni
from emch.backends.pytorch.eager import PyTorch, TorchSession, describe, load_for
from emch.backends.pytorch.hidden import hidden_alone
from emch.models.network_files import TRACING, silencing

REQUIRES = ("torch>=2.6", "transformers>=4.48,<6")

TRACED_SHAPE = (2, 8)

# Messages alone, since the categories differ between the versions of PyTorch.
KNOWN_WARNINGS = (
    *TRACING,
    # They announce the end of these quantized layers, and so of these backends.
    r"torch\.ao\.quantization is deprecated",
    r"torch\.quantize_per_tensor, torch\.quantize_per_channel .* are deprecated",
)


class ScriptSession(TorchSession):
    """A traced network over arrays."""

    def _forward(self, input_ids: Any, attention_mask: Any) -> Any:
        return self._model(input_ids, attention_mask)


class TorchScript(PyTorch):
    """TorchScript in fp32."""

    name = "torchscript"
    files = ()
    extra = "torchscript"
    requires = REQUIRES

    @classmethod
    def lines(cls) -> None:
        """Return none: they would not be few; see `Backend.lines`."""

    @classmethod
    def load(cls, folder: Path, options: Options) -> ScriptSession:
        """Load `model.safetensors` and trace it; see `Backend.load`."""
        model = load_for(options, folder, cls.precision)
        info = describe(model, "torchscript")
        return ScriptSession(trace(model), info)


class TorchScriptInt8(PyTorch):
    """Dynamic int8 in the linear layers, fp32 elsewhere."""

    name = "torchscript-int8"
    files = ()
    precision = "int8"
    extra = "torchscript"
    requires = REQUIRES
    devices: ClassVar[tuple[str, ...]] = ("cpu",)  # PyTorch has these layers for CPUs alone

    @classmethod
    def load(cls, folder: Path, options: Options) -> ScriptSession:
        """Load `model.safetensors`, quantize and trace it; see `Backend.load`."""
        require_vnni()
        model = quantize(load_for(options, folder, "fp32"))
        info = replace(describe(model, "torchscript"), precision=linear_precision(model))
        return ScriptSession(trace(model), info)


def quantize(model: Any) -> Any:
    """Return a copy of the network whose linear layers are dynamic int8, weights by channel."""
    import torch

    kinds = {torch.nn.Linear: torch.ao.quantization.per_channel_dynamic_qconfig}
    with silencing(KNOWN_WARNINGS):
        quantized = torch.ao.quantization.quantize_dynamic(model, kinds, dtype=torch.qint8)
    for module in quantized.modules():
        if isinstance(module, torch.ao.nn.quantized.dynamic.Linear):
            module.version = 3  # from 4 on, a layer leaves a bit of what comes in unused
    return quantized


def linear_precision(model: Any) -> str:
    """Return the precision of the weights of the network's linear layers; several are all named."""
    import torch

    names = {torch.qint8: "int8", torch.float32: "fp32"}
    found = set()
    for module in model.modules():
        if isinstance(module, torch.ao.nn.quantized.dynamic.Linear):
            found.add(module.weight().dtype)
        elif isinstance(module, torch.nn.Linear):
            found.add(module.weight.dtype)
    return "+".join(sorted(names.get(dtype, str(dtype)) for dtype in found))


def trace(model: Any) -> Any:
    """Return the network as a frozen graph from tokens and mask, of any shape, to hidden states."""
    import torch

    model.loss_function = None  # tracing reads every attribute, and transformers warns of this one
    ones = torch.ones(TRACED_SHAPE, dtype=torch.int64, device=model.device)
    with torch.inference_mode(), silencing(KNOWN_WARNINGS):
        return torch.jit.freeze(torch.jit.trace(hidden_alone(model), (ones, ones)))
