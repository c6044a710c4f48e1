"""Builds the graphs whose layers ONNX Runtime's own optimizer for transformers has fused."""

from pathlib import Path

from emch.errors import Unavailable
from emch.models.build import copy_side_files
from emch.models.build_onnx import NETWORK, quantize
from emch.models.extras import needs
from emch.models.layout import read_json

SIZES = {"num_attention_heads", "hidden_size", "num_hidden_layers"}
FUSED = ("Attention", "SkipLayerNormalization")
"""What must be fused in every layer; which kind of Gelu it has depends on the model."""


def fuse_onnx(onnx: Path, target: Path) -> dict[str, str]:
    """Fuse attention, normalisation, Gelu and embedding of an exported network, in fp32.

    Raises
    ------
    Unavailable
        The optimizer does not know the layers of this network, or is not installed.
    """
    with needs("prepare"):
        from onnxruntime.transformers.optimizer import optimize_model
    config = read_json(onnx / "config.json")
    if missing := SIZES - config.keys():
        raise Unavailable(
            f"{onnx / 'config.json'} has no {', '.join(sorted(missing))}: ONNX Runtime's optimizer "
            "knows networks of BERT's kind"
        )
    fused = optimize_model(
        str(onnx / NETWORK),
        model_type="bert",
        num_heads=config["num_attention_heads"],
        hidden_size=config["hidden_size"],
        opt_level=0,  # its fusions alone: ONNX Runtime's depend on the machine it runs on
    )
    counts = {node: count for node, count in fused.get_fused_operator_statistics().items() if count}
    layers = config["num_hidden_layers"]
    for node in FUSED:
        if counts.get(node, 0) < layers:
            raise Unavailable(
                f"{onnx / NETWORK} cannot be fused: ONNX Runtime's optimizer made "
                f"{counts.get(node, 0)} {node} nodes of {layers} layers"
            )
    fused.save_model_to_file(str(target / NETWORK))
    copy_side_files(onnx, target)
    return {"fused": ", ".join(f"{node} {count}" for node, count in sorted(counts.items()))}


def quantize_fused(fused: Path, target: Path) -> dict[str, str]:
    """Quantize a fused network to dynamic int8, as `quantize_onnx` does a plain one.

    Raises
    ------
    Unavailable
        There is no fused network, or a tool is not installed.
    """
    if not (fused / NETWORK).is_file():
        raise Unavailable(f"there is no fused network in {fused}")
    with needs("prepare"):
        from onnx import TensorProto
    # ONNX Runtime's quantizer does not know the types of fused nodes.
    details = quantize(fused / NETWORK, target / NETWORK, DefaultTensorType=TensorProto.FLOAT)
    copy_side_files(fused, target)
    return details
