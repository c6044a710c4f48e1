"""Fused graphs: what cannot be fused is said, and nothing is written beside the original."""

import json
from pathlib import Path

import pytest

from emch.errors import Unavailable
from emch.models.build_fused import fuse_onnx, quantize_fused

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

CONFIG = {"num_attention_heads": 2, "hidden_size": 4, "num_hidden_layers": 1}


@pytest.fixture
def unknown_network(tmp_path: Path) -> Path:
    """Return a folder with a network that has nothing to fuse."""
    shape = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["batch", 4])
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["batch", 4])
    node = onnx.helper.make_node("Relu", ["x"], ["y"])
    graph = onnx.helper.make_graph([node], "network", [shape], [output])
    opset = onnx.helper.make_opsetid("", 18)
    folder = tmp_path / "onnx"
    folder.mkdir()
    onnx.save(onnx.helper.make_model(graph, opset_imports=[opset]), folder / "model.onnx")
    (folder / "config.json").write_text(json.dumps(CONFIG))
    return folder


def test_network_that_cannot_be_fused_is_said(unknown_network: Path, tmp_path: Path) -> None:
    with pytest.raises(
        Unavailable, match=r"cannot be fused: .* made 0 Attention nodes of 1 layers"
    ):
        fuse_onnx(unknown_network, tmp_path)
    assert sorted(path.name for path in unknown_network.iterdir()) == ["config.json", "model.onnx"]


def test_without_a_fused_network_there_is_none_to_quantize(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no fused network in"):
        quantize_fused(tmp_path, tmp_path)
