"""Builds the artifacts of OpenVINO's int8 and of GenAI; their tools are imported when they run."""

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, cast

import numpy as np

from emch.arrays import IntArray
from emch.datasets import mini
from emch.models.build import copy_side_files
from emch.models.extras import needs
from emch.models.probes import PROBES
from emch.models.settings import read_settings
from emch.models.tokenizer import load_tokenizer


def silence_telemetry() -> None:
    """Keep OpenVINO and NNCF from sending what is done with them, and from writing to ~/intel.

    They do so when they are imported, but not where the module `openvino_telemetry` is missing, so
    it is hidden in this process. The documented way is a file in the user's home.
    """
    cast("dict[str, Any]", sys.modules)["openvino_telemetry"] = None


def quantize_openvino(onnx: Path, target: Path) -> dict[str, str]:
    """Quantize an exported network to static int8, weights and activations, with NNCF.

    The probe texts and those of the dataset `mini` tell it the ranges of the activations; each is
    a batch of its own, so that no padding counts. The same call gives the same bytes.
    """
    silence_telemetry()
    with needs("prepare-openvino"):
        import nncf
        import openvino
    network = openvino.Core().read_model(onnx / "model.onnx")
    names = {name for port in network.inputs for name in port.get_names()}
    texts = list(calibration_inputs(onnx, names))
    with redirect_stdout(StringIO()):  # NNCF draws its progress where our results go
        quantized = nncf.quantize(
            network,
            nncf.Dataset(texts),
            subset_size=len(texts),
            model_type=nncf.ModelType.TRANSFORMER,
        )
    # Not to fp16: that would round what is left in fp32.
    openvino.save_model(quantized, target / "model.xml", compress_to_fp16=False)
    copy_side_files(onnx, target)
    return {"quantization": "static int8", "calibration": f"{len(texts)} texts"}


def convert_genai(onnx: Path, target: Path) -> dict[str, str]:
    """Write an exported network and its tokenizer, as a network too, for OpenVINO GenAI."""
    silence_telemetry()
    with needs("prepare-openvino"):
        import openvino
        from openvino_tokenizers import convert_tokenizer
        from transformers import AutoTokenizer
    network = openvino.Core().read_model(onnx / "model.onnx")
    openvino.save_model(network, target / "openvino_model.xml", compress_to_fp16=False)
    tokenizer = AutoTokenizer.from_pretrained(str(onnx))
    tokenizer.model_max_length = read_settings(onnx).max_tokens
    openvino.save_model(convert_tokenizer(tokenizer), target / "openvino_tokenizer.xml")
    copy_side_files(onnx, target)
    return {"precision": "fp32"}


def calibration_inputs(model: Path, names: set[str]) -> Iterator[dict[str, IntArray]]:
    """Yield the inputs of those names for each text, all of shape [1, tokens]."""
    tokenizer = load_tokenizer(model)
    dataset = mini.load(None)
    for text in (*PROBES, *dataset.documents, *dataset.queries):
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        yield {name: value for name, value in inputs.items() if name in names}
