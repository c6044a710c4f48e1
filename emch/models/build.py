"""Builds each kind of artifact into an empty folder. Heavy tools are imported when they run."""

import shutil
from pathlib import Path

from emch.errors import InvalidInput
from emch.models import reference
from emch.models.extras import needs
from emch.models.settings import SETTINGS
from emch.models.settings import WEIGHTS as SETTINGS_WEIGHTS
from emch.models.tokenizer import TOKENIZER

# The default of optimum-onnx 0.1.0 for BERT; fixed, so that old runtimes keep loading it.
OPSET = 18

INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
"""The inputs that a session gives an exported network."""

SIDE_FILES = (
    SETTINGS,
    SETTINGS_WEIGHTS,
    TOKENIZER,
    "config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    # Of these, earlier commits of emch read what they know of tokens and pooling.
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "1_Pooling/config.json",
)


def copy_side_files(model: Path, target: Path) -> None:
    """Copy configuration and tokenizer, so that each artifact can be loaded from its own folder."""
    for name in SIDE_FILES:
        if (model / name).is_file():
            (target / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(model / name, target / name)


def export_onnx(model: Path, target: Path) -> dict[str, str]:
    """Export the network to ONNX with optimum; its output is the last hidden state."""
    with needs("prepare"):
        from optimum.exporters.onnx import main_export
    main_export(
        str(model),
        output=target,
        task="feature-extraction",
        library_name="transformers",
        opset=OPSET,
        local_files_only=True,
    )
    _require_known_inputs(target / "model.onnx")
    copy_side_files(model, target)
    return {"opset": str(OPSET)}


def _require_known_inputs(network: Path) -> None:
    """Refuse an exported network that wants more than tokens, mask and types."""
    import onnx

    graph = onnx.load(network, load_external_data=False).graph
    if unknown := {node.name for node in graph.input} - INPUTS:
        raise InvalidInput(
            f"the exported network wants {', '.join(sorted(unknown))}, "
            f"and a backend hands it {', '.join(sorted(INPUTS))} alone"
        )


def quantize_onnx(onnx: Path, target: Path) -> dict[str, str]:
    """Quantize an exported network to dynamic int8 with the preset that this CPU supports."""
    with needs("prepare"):
        from optimum.onnxruntime import ORTQuantizer
        from optimum.onnxruntime.configuration import AutoQuantizationConfig
    preset = int8_preset()
    config = getattr(AutoQuantizationConfig, preset)(is_static=False)
    ORTQuantizer.from_pretrained(onnx).quantize(
        save_dir=target, quantization_config=config, file_suffix=None
    )
    copy_side_files(onnx, target)
    return {"opset": str(OPSET), "preset": preset, "quantization": "dynamic int8"}


def write_reference(model: Path, target: Path) -> dict[str, str]:
    """Compare emch's reading of a model with its library's, and keep the library's embeddings."""
    with needs("prepare"):
        reference.hold_against(model)
    for name in reference.FILES:
        shutil.copyfile(model / name, target / name)
    return {"precision": "fp32"}


def int8_preset() -> str:
    """Return the name of optimum's quantization preset for this CPU."""
    from emch.measure.machine import VNNI_FLAGS, cpu_flags

    flags = cpu_flags()
    if flags & VNNI_FLAGS:
        return "avx512_vnni"
    if "avx512f" in flags:
        return "avx512"
    return "arm64" if "asimd" in flags else "avx2"
