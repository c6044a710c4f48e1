"""Builds each kind of artifact into an empty folder. Heavy tools are imported when they run."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from emch.errors import Unavailable
from emch.models.manifest import sha256_of
from emch.models.reference import EMBEDDINGS, embed_probes
from emch.models.source import WEIGHTS

# The default of optimum-onnx 0.1.0 for BERT; fixed, so that old runtimes keep loading it.
OPSET = 18

SIDE_FILES = (
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "1_Pooling/config.json",
)


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Say which extra of emch brings what could not be imported."""
    try:
        yield
    except ImportError as error:
        raise Unavailable(
            f"building this needs more packages ({error}): pip install 'emch[{extra}]'"
        ) from error


def copy_source(source: Path, target: Path) -> None:
    """Copy the weights and the small files that say how to use them."""
    shutil.copyfile(source / WEIGHTS, target / WEIGHTS)
    copy_side_files(source, target)


def copy_side_files(source: Path, target: Path) -> None:
    """Copy configuration and tokenizer, so that each artifact can be loaded from its own folder."""
    for name in SIDE_FILES:
        if (source / name).is_file():
            (target / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(source / name, target / name)


def hash_source(source: Path) -> dict[str, str]:
    """Return the sha256 of each file that `copy_source` copies, by name."""
    files = (name for name in (WEIGHTS, *SIDE_FILES) if (source / name).is_file())
    return {name: sha256_of(source / name) for name in files}


def fingerprint(hashes: Mapping[str, str]) -> str:
    """Return one hash of the files of a source."""
    lines = (f"{name} {sha256}\n" for name, sha256 in hashes.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


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
    copy_side_files(model, target)
    return {"opset": str(OPSET)}


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
    """Store the reference embeddings of the probe texts."""
    with needs("prepare"):
        embeddings = embed_probes(model)
    np.save(target / EMBEDDINGS, embeddings)
    return {"probes": str(len(embeddings)), "precision": "fp32"}


def int8_preset() -> str:
    """Return the name of optimum's quantization preset for this CPU."""
    from emch.measure.machine import VNNI_FLAGS, cpu_flags

    flags = cpu_flags()
    if flags & VNNI_FLAGS:
        return "avx512_vnni"
    if "avx512f" in flags:
        return "avx512"
    return "arm64" if "asimd" in flags else "avx2"
