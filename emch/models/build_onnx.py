"""Exports a network to ONNX with PyTorch, and quantizes it to dynamic int8 with ONNX Runtime."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any

from emch.errors import InvalidInput
from emch.models.build import copy_side_files
from emch.models.extras import needs
from emch.models.network_files import OPSET, Made, write_onnx
from emch.models.original.transformers import load_network

NETWORK = "model.onnx"
OUTPUT = "last_hidden_state"

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
"""The inputs that a session can give an exported network."""


def export_onnx(model: Path, target: Path) -> dict[str, str]:
    """Export the network to ONNX; its output is the last hidden state.

    Its attention is the plain one of transformers, which engines know how to fuse.
    """
    with needs("prepare"):
        import onnx  # noqa: F401  # PyTorch's exporter imports it, and would not name the extra
        import torch

        network, _ = load_network(model)
    names = _inputs(network)
    ids = torch.arange(32).reshape(2, 16) % network.config.vocab_size
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    example = dict(zip(INPUTS, (ids, mask, torch.zeros_like(ids)), strict=True))
    axes = {0: "batch_size", 1: "sequence_length"}
    made = Made(
        module=_last_state(network, names),
        example={name: example[name] for name in names},
        outputs=[OUTPUT],
        free=axes,
        kept=tuple(axes),
    )
    with _plain_mask(network):
        write_onnx(made, target / NETWORK)
    copy_side_files(model, target)
    return {"opset": str(OPSET)}


def quantize_onnx(onnx: Path, target: Path) -> dict[str, str]:
    """Quantize an exported network to dynamic int8 with the preset that this CPU supports."""
    details = quantize(onnx / NETWORK, target / NETWORK)
    copy_side_files(onnx, target)
    return {"opset": str(OPSET), **details}


def quantize(source: Path, target: Path, **further: Any) -> dict[str, str]:
    """Quantize a network to dynamic int8: weights by channel, activations while it runs.

    As optimum's presets do it: every product is quantized, that of two activations too.

    Parameters
    ----------
    source, target : Path
        The network, and the file to write.
    **further
        More `extra_options` of ONNX Runtime's quantizer.
    """
    with needs("prepare"):
        from onnx import load
        from onnxruntime.quantization import QuantType, quantize_dynamic
    preset = int8_preset()
    quantize_dynamic(
        load(source),  # given a path it writes beside the original
        target,
        per_channel=True,
        weight_type=QuantType.QUInt8 if preset == "avx2" else QuantType.QInt8,
        extra_options={"MatMulConstBOnly": False, **further},
    )
    return {"preset": preset, "quantization": "dynamic int8"}


def int8_preset() -> str:
    """Return the name of optimum's quantization preset for this CPU."""
    from emch.measure.machine import AVX512_FLAG, VNNI_FLAGS, cpu_flags

    flags = cpu_flags()
    if flags & VNNI_FLAGS:
        return "avx512_vnni"
    if AVX512_FLAG in flags:
        return "avx512"
    return "arm64" if "asimd" in flags else "avx2"


def _inputs(network: Any) -> list[str]:
    """Return the inputs of a network that have a meaning for it."""
    taken = signature(network.forward).parameters
    if "input_ids" not in taken:
        raise InvalidInput(f"a {type(network).__name__} takes no input_ids: it reads no texts")
    kinds = getattr(network.config, "type_vocab_size", 0)
    return [name for name in INPUTS if name in taken and (name != INPUTS[2] or kinds > 1)]


def _last_state(network: Any, names: Sequence[str]) -> Any:
    """Let a network take arrays in this order and return one; its modules keep their names.

    A module around it would put its own name before theirs, which `backends.onnxruntime.cut` reads.
    """
    forward = network.forward

    def last_state(*arrays: Any) -> Any:
        return forward(**dict(zip(names, arrays, strict=True))).last_hidden_state

    network.forward = last_state
    return network


@contextmanager
def _plain_mask(network: Any) -> Iterator[None]:
    """Let the network make the mask that hides padding as transformers 4 did, in few nodes.

    transformers 5 makes it of comparisons of places, which GoMLX cannot compile. Of these nodes
    ONNX Runtime's optimizer knows that they are a mask, and of shorter ones it does not. The code
    that is changed meanwhile is that of every network of this kind in the process.
    """
    import torch

    code, name = vars(sys.modules[type(network).__module__]), "create_bidirectional_mask"
    if (own := code.get(name)) is None:
        yield
        return

    def hide_padding(*_: Any, attention_mask: Any, **__: Any) -> Any:
        texts, tokens = attention_mask.shape
        shown = attention_mask[:, None, None, :].expand(texts, 1, tokens, tokens)
        hidden = 1.0 - shown.to(torch.float32)
        return hidden.masked_fill(hidden.to(torch.bool), torch.finfo(torch.float32).min)

    code[name] = hide_padding
    try:
        yield
    finally:
        code[name] = own
