"""The file of llama.cpp: what is in it is the model's, and what it cannot hold is refused."""

from pathlib import Path

import numpy as np
import pytest

from emch.errors import InvalidInput
from emch.models.build_gguf import FILE, convert_gguf
from emch.models.prepare import prepare
from emch.models.source import find_model
from evaluation.tiny_models import make_model

gguf = pytest.importorskip("gguf", reason="pip install 'emch[prepare-gguf]'")
pytestmark = [
    pytest.mark.usefixtures("empty_cache"),
    pytest.mark.filterwarnings("ignore"),  # exporters warn their own code
]


def prepared(folder: Path, architecture: str) -> Path:
    source = find_model(str(make_model(folder, architecture=architecture)))
    first = next(prepare(source))  # the others are not needed
    assert first.artifact is not None
    return first.artifact.folder


def test_weights_and_tokens_are_the_models(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    folder = prepared(tmp_path / "model", "bert")
    made = tmp_path / "made"
    made.mkdir()
    convert_gguf(folder, made, "Q8_0")
    read = gguf.GGUFReader(made / FILE)
    tensors = {each.name: each for each in read.tensors}
    weights = load_file(folder / "model.safetensors")
    found = tensors["blk.1.ffn_up.weight"]
    wanted = weights["encoder.layer.1.intermediate.dense.weight"]
    near = gguf.dequantize(found.data, found.tensor_type)
    np.testing.assert_allclose(near, wanted, atol=np.abs(wanted).max() / 127)
    exact = tensors["blk.0.attn_output_norm.bias"]
    np.testing.assert_array_equal(
        exact.data, weights["encoder.layer.0.attention.output.LayerNorm.bias"]
    )
    assert not [name for name in tensors if "pooler" in name]
    tokens = read.fields["tokenizer.ggml.tokens"].contents()
    assert "[CLS]" in tokens
    assert not [token for token in tokens if token.startswith("##")]


def test_model_that_is_no_bert_is_refused(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "model", "distilbert")
    made = tmp_path / "made"
    made.mkdir()
    with pytest.raises(InvalidInput, match=r"BERT with a WordPiece tokenizer.*'distilbert'"):
        convert_gguf(folder, made, "F16")
