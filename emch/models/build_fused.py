"""Builds the graphs whose layers ONNX Runtime's own optimizer for transformers has fused."""

from pathlib import Path

from emch.errors import Unavailable
from emch.models.build import copy_side_files, int8_preset
from emch.models.extras import needs
from emch.models.layout import read_json

NETWORK = "model.onnx"
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
    """Quantize a fused network to dynamic int8, as `build.quantize_onnx` does a plain one.

    optimum's quantizer has no way to tell the types of fused nodes, so ONNX Runtime's own does it.

    Raises
    ------
    Unavailable
        There is no fused network, or a tool is not installed.
    """
    if not (fused / NETWORK).is_file():
        raise Unavailable(f"there is no fused network in {fused}")
    with needs("prepare"):
        import onnx
        from onnxruntime.quantization import quantize_dynamic
        from optimum.onnxruntime.configuration import AutoQuantizationConfig
    preset = int8_preset()
    config = getattr(AutoQuantizationConfig, preset)(is_static=False)
    quantize_dynamic(
        onnx.load(fused / NETWORK),  # given a path it writes beside the original
        target / NETWORK,
        op_types_to_quantize=[str(node) for node in config.operators_to_quantize],
        per_channel=config.per_channel,
        reduce_range=config.reduce_range,
        weight_type=config.weights_dtype,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    copy_side_files(fused, target)
    return {"preset": preset, "quantization": "dynamic int8"}
