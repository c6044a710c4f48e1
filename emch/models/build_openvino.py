"""Builds the artifacts of OpenVINO's int8 and of GenAI; their tools are imported when they run."""

import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, cast

from emch.models.build import copy_side_files
from emch.models.calibration import calibration_inputs
from emch.models.extras import needs
from emch.models.settings import read_settings


def silence_telemetry() -> None:
    """Keep OpenVINO and NNCF from sending what is done with them, and from writing to ~/intel.

    They do so when they are imported, but not where the module `openvino_telemetry` is missing, so
    it is hidden in this process. The documented way is a file in the user's home.
    """
    cast("dict[str, Any]", sys.modules)["openvino_telemetry"] = None


def quantize_openvino(onnx: Path, target: Path) -> dict[str, str]:
    """Quantize an exported network to static int8, weights and activations, with NNCF.

    `calibration_inputs` tell it the ranges of the activations. The same call gives the same bytes.
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
