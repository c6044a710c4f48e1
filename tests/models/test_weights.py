"""Every weight that a network needs is there under some known name, or the model is refused."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import emch
from emch.errors import InvalidInput
from emch.models.artifacts import open_artifact
from evaluation.tiny_models import make_model, make_network

from .conftest import Prepare

Weights = dict[str, Any]
TEXTS = ["Aspirin thins the blood.", "glaciers move", ""]
WEIGHTS = "model.safetensors"


def load(folder: Path) -> Weights:
    from safetensors.torch import load_file

    weights: Weights = load_file(folder / WEIGHTS)
    return weights


def store(folder: Path, weights: Weights, name: str = WEIGHTS) -> None:
    from safetensors.torch import save_file

    save_file(weights, folder / name, {"format": "pt"})


def renamed(folder: Path, name: Callable[[str], str]) -> None:
    store(folder, {name(key): weight.clone() for key, weight in load(folder).items()})


def old_norms(key: str) -> str:
    if "LayerNorm" not in key:
        return key
    return key.replace("LayerNorm.weight", "LayerNorm.gamma").replace(".bias", ".beta")


def without_pooler(folder: Path) -> None:
    kept = {key: weight for key, weight in load(folder).items() if "pooler" not in key}
    store(folder, kept)


def with_a_head(folder: Path) -> None:
    renamed(folder, lambda key: f"bert.{key}")
    weights = load(folder)
    store(folder, {**weights, "cls.predictions.bias": weights["bert.pooler.dense.bias"].clone()})


def of_type(folder: Path, dtype: str) -> None:
    import torch

    weights = load(folder)
    store(folder, {key: each.to(getattr(torch, dtype)) for key, each in weights.items()})


def in_parts(folder: Path) -> None:
    weights = load(folder)
    (folder / WEIGHTS).unlink()
    names = sorted(weights)
    parts = {
        "model-00001-of-00002.safetensors": names[::2],
        "model-00002-of-00002.safetensors": names[1::2],
    }
    for part, keys in parts.items():
        store(folder, {key: weights[key] for key in keys}, part)
    index = {
        "metadata": {"total_size": 1},
        "weight_map": {key: part for part, keys in parts.items() for key in keys},
    }
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps(index))


READ: Mapping[str, Callable[[Path], None]] = {
    "as they are": lambda _: None,
    "with the prefix of a model with a head": with_a_head,
    "with the norms' old names": lambda folder: renamed(folder, old_norms),
    "without the pooler": without_pooler,
    "in bf16": partial(of_type, dtype="bfloat16"),
    "in fp16": partial(of_type, dtype="float16"),
    "in parts": in_parts,
}


@pytest.mark.parametrize("change", READ.values(), ids=READ)
def test_weights_are_those_that_transformers_reads(
    tmp_path: Path, prepare_vital: Prepare, change: Callable[[Path], None]
) -> None:
    from sentence_transformers import SentenceTransformer

    folder = make_model(tmp_path / "model")
    change(folder)
    key = prepare_vital(folder)
    expected = SentenceTransformer(str(folder), device="cpu").encode(TEXTS)
    for backend in ("pytorch", "xla", "sentence-transformers"):
        found = emch.encoder(backend, model=str(folder)).encode(TEXTS)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)
    written = load(open_artifact(key, "safetensors").folder)
    assert {str(weight.dtype) for weight in written.values()} == {"torch.float32"}


def test_official_weights_are_kept_to_the_byte(tmp_path: Path, prepare_vital: Prepare) -> None:
    folder = make_model(tmp_path / "model")
    artifact = open_artifact(prepare_vital(folder), "safetensors")
    assert (artifact.folder / WEIGHTS).read_bytes() == (folder / WEIGHTS).read_bytes()


def test_weights_of_no_use_are_named(tmp_path: Path, prepare_vital: Prepare) -> None:
    folder = make_model(tmp_path / "model")
    with_a_head(folder)
    notes = open_artifact(prepare_vital(folder), "safetensors").manifest.details["notes"]
    assert "1 weights are of no use to it (cls.predictions.bias" in notes


MISSING: Mapping[str, tuple[Callable[[str], str], str]] = {
    "of a foreign prefix": (lambda key: f"0.auto_model.{key}", "embeddings.LayerNorm.bias"),
    "of another foreign prefix": (lambda key: f"encoder_q.{key}", "embeddings.LayerNorm.bias"),
    "of a misnamed norm": (
        lambda key: key.replace("layer.1.output.LayerNorm", "layer.1.output.norm"),
        "encoder.layer.1.output.LayerNorm.bias",
    ),
    "of a missing layer": (
        lambda key: key.replace("layer.1.", "layer.7."),
        "encoder.layer.1.attention.output.LayerNorm.bias",
    ),
}


@pytest.mark.parametrize(("name", "first"), MISSING.values(), ids=MISSING)
@pytest.mark.parametrize("has_modules", [True, False])
def test_missing_weights_are_refused_with_their_names(
    tmp_path: Path,
    prepare_vital: Prepare,
    name: Callable[[str], str],
    first: str,
    has_modules: bool,
) -> None:
    make = make_model if has_modules else partial(make_network, architecture="bert")
    folder = make(tmp_path / "model")
    renamed(folder, name)
    with pytest.raises(InvalidInput, match=rf"weights of a BertModel are not .* '{first}'"):
        prepare_vital(folder)


@pytest.mark.parametrize("has_modules", [True, False])
def test_token_without_a_row_is_refused(
    tmp_path: Path, prepare_vital: Prepare, has_modules: bool
) -> None:
    from transformers import AutoTokenizer

    make = make_model if has_modules else partial(make_network, architecture="bert")
    folder = make(tmp_path / "model")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["[GENE]", "[DRUG]"])
    tokenizer.save_pretrained(folder)
    with pytest.raises(InvalidInput, match=r"the token '\[GENE\]' has number \d+, and the network"):
        prepare_vital(folder)


def test_added_token_with_a_row_is_in_the_probes(tmp_path: Path, prepare_vital: Prepare) -> None:
    from transformers import AutoModel, AutoTokenizer

    from emch.models import reference

    folder = make_model(tmp_path / "model")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["[GENE]"])
    tokenizer.save_pretrained(folder)
    network = AutoModel.from_pretrained(folder)
    network.resize_token_embeddings(len(tokenizer))
    network.save_pretrained(folder)
    artifact = open_artifact(prepare_vital(folder), "reference")
    probes, _ = reference.load(artifact.folder)
    assert any("[GENE]" in probe.text for probe in probes)
