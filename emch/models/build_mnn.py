"""Converts an exported network to MNN's own format."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from emch.errors import InvalidInput, Unavailable
from emch.models.build import copy_side_files
from emch.models.extras import needs

INPUTS = "inputs.json"
"""The names of the network's inputs, which MNN has to be told."""


def convert_mnn(onnx: Path, target: Path) -> dict[str, str]:
    """Convert `model.onnx` to `target/model.mnn`, in fp32, with MNN's converter.

    Raises
    ------
    Unavailable
        MNN, or the library of ONNX, is missing.
    InvalidInput
        The converter has no code for the network.
    """
    if find_spec("MNN") is None:
        raise Unavailable("building this needs MNN: pip install 'emch[prepare-mnn]'")
    with needs("prepare-mnn"):
        from onnx import load
    path, made = onnx / "model.onnx", target / "model.mnn"
    names = [each.name for each in load(path, load_external_data=False).graph.input]
    command = [sys.executable, "-m", "MNN.tools.mnnconvert", "-f", "ONNX"]
    command += ["--modelFile", str(path), "--MNNModel", str(made), "--bizCode", "emch"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not made.is_file():
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise InvalidInput(f"MNN's converter has no code for {path} ({' '.join(last)})")
    (target / INPUTS).write_text(json.dumps(names) + "\n", encoding="utf-8")
    copy_side_files(onnx, target)
    return {"precision": "fp32"}
