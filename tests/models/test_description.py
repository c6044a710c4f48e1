"""What a model's folder says is done as its own library does it, or refused by name."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import emch
from emch.arrays import FloatArray
from emch.errors import InvalidInput
from emch.models.artifacts import open_artifact
from emch.models.head import POOLINGS
from evaluation.tiny_models import LIMIT, POSITIONS, SIZE, edit_json, make_model, make_network

from .conftest import Prepare

TEXTS = [
    "Aspirin thins the BLOOD.",
    "glaciers",
    " ".join(["Long texts are cut where the model says so, neither before nor after it."] * 20),
    "  two   spaces\nand a line ",
]
Make = Callable[[Path], Path]


def dense(activation: str = "Tanh", size: int = 16, **given: Any) -> Any:
    import torch
    from sentence_transformers.sentence_transformer.modules import Dense

    torch.manual_seed(1)
    return Dense(SIZE, size, activation_function=getattr(torch.nn, activation)(), **given)


def modules(*kinds: Any) -> Callable[[], Sequence[Any]]:
    def make() -> Sequence[Any]:
        from sentence_transformers.sentence_transformer import modules as library

        made = {
            "Normalize": library.Normalize,
            "LayerNorm": partial(library.LayerNorm, SIZE),
            "Dropout": partial(library.Dropout, 0.5),
            "Dense": dense,
            "Dense without bias": partial(dense, "ReLU", bias=False),
            "Dense that is linear": partial(dense, "Identity", SIZE),
            "Dense with GELU": partial(dense, "GELU"),
            "CNN": partial(library.CNN, SIZE, SIZE),
        }
        return [made[kind]() for kind in kinds]

    return make


def cased_in_lower_case(folder: Path) -> Path:
    make_model(folder, "roberta")
    edit_json(folder / "sentence_bert_config.json", do_lower_case=True, max_seq_length=LIMIT)
    return folder


def old_format(folder: Path) -> Path:
    """Write what sentence-transformers 2 wrote: a folder for the network, a flag for each mode."""
    make_model(folder, pooling={"pooling_mode": ("max", "cls")})
    network = folder / "0_Transformer"
    network.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).rename(network / name)
    (folder / "sentence_bert_config.json").unlink()
    edit_json(network / "sentence_bert_config.json", max_seq_length=20, do_lower_case=False)
    (folder / "1_Pooling" / "config.json").unlink()
    edit_json(
        folder / "1_Pooling" / "config.json",
        word_embedding_dimension=SIZE,
        pooling_mode_cls_token=True,
        pooling_mode_max_tokens=True,
        pooling_mode_mean_tokens=False,
    )
    (folder / "modules.json").write_text(
        '[{"idx": 0, "name": "0", "path": "0_Transformer",'
        ' "type": "sentence_transformers.models.Transformer"},'
        '{"idx": 1, "name": "1", "path": "1_Pooling",'
        ' "type": "sentence_transformers.models.Pooling"}]'
    )
    return folder


def edited(make: Make, file: str, **changed: Any) -> Make:
    def make_edited(folder: Path) -> Path:
        make(folder)
        edit_json(folder / file, **changed)
        return folder

    return make_edited


FOLLOWED: Mapping[str, Make] = {
    "limit of the newest format": make_model,
    "limit of the tokenizer": edited(make_model, "tokenizer_config.json", model_max_length=10),
    "no limit but the positions": edited(
        partial(make_model, architecture="roberta"), "tokenizer_config.json", model_max_length=None
    ),
    **{f"pooling {mode}": partial(make_model, pooling={"pooling_mode": mode}) for mode in POOLINGS},
    "all poolings at once": partial(make_model, pooling={"pooling_mode": POOLINGS}),
    "normalised": partial(make_model, further=modules("Normalize")),
    "dense": partial(make_model, further=modules("Dense")),
    "dense and more": partial(
        make_model, further=modules("Dense that is linear", "LayerNorm", "Dropout", "Normalize")
    ),
    "dense without bias": partial(make_model, further=modules("Dense without bias", "Normalize")),
    "prompts": partial(make_model, prompts={"query": "ask: ", "passage": "answer this: "}),
    "default prompt": partial(
        make_model, prompts={"all": "every one: ", "query": "q "}, default_prompt_name="all"
    ),
    "prompts that are not pooled": partial(
        make_model,
        prompts={"query": "a question for you: ", "document": "d "},
        pooling={"include_prompt": False, "pooling_mode": ("mean", "cls", "max")},
    ),
    "lower case": cased_in_lower_case,
    "cut on the left": edited(make_model, "tokenizer_config.json", truncation_side="left"),
    "case of the tokenizer's other file": edited(
        make_model,
        "tokenizer_config.json",
        tokenizer_class="BertTokenizer",
        do_lower_case=False,
    ),
    "old format": old_format,
    "positions from the padding on": partial(make_model, architecture="roberta"),
    "no modules": partial(make_network, architecture="bert"),
}


def library(folder: Path) -> Mapping[str, Callable[[Sequence[str]], FloatArray]]:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    if model.max_seq_length == POSITIONS:  # it takes all rows for positions, and would fail
        model.max_seq_length = POSITIONS - 2
    return {
        "text": model.encode,
        "query": model.encode_query,
        "document": model.encode_document,
    }


@pytest.mark.parametrize("make", FOLLOWED.values(), ids=FOLLOWED)
def test_description_is_followed_as_the_library_does(
    tmp_path: Path, prepare_vital: Prepare, make: Make
) -> None:
    folder = make(tmp_path / "model")
    prepare_vital(folder)
    theirs = library(folder)
    for backend in ("pytorch", "sentence-transformers"):
        encoder = emch.encoder(backend, model=str(folder))
        for role, encode in theirs.items():
            found = encoder.encode(TEXTS, 3, role=role)  # type: ignore[arg-type]
            np.testing.assert_allclose(found, encode(TEXTS), rtol=1e-3, atol=1e-4)


REFUSED: Mapping[str, tuple[Make, str]] = {
    "a module that emch has no code for": (
        partial(make_model, further=modules("CNN")),
        "it has a module CNN",
    ),
    "an activation that emch has no code for": (
        partial(make_model, further=modules("Dense with GELU")),
        "its module Dense ends in GELU",
    ),
    "dense before the pooling": (
        partial(
            make_model,
            further=lambda: [dense(size=SIZE, module_input_name="token_embeddings")],
        ),
        "its module Dense takes and gives",
    ),
    "a limit beyond the positions": (
        edited(
            partial(make_model, architecture="roberta"),
            "sentence_bert_config.json",
            max_seq_length=POSITIONS - 1,
        ),
        f"at {POSITIONS - 1} tokens, and the network has only {POSITIONS - 2} positions",
    ),
    "padding on the left where positions count from the left": (
        edited(make_model, "tokenizer_config.json", padding_side="left"),
        "depend on the other texts of a batch",
    ),
    "no limit at all": (
        edited(
            partial(make_network, architecture="xlnet"),
            "tokenizer_config.json",
            model_max_length=None,
        ),
        "nothing limits the length of a text",
    ),
    "code that comes with the model": (
        edited(make_model, "config.json", model_type="jina_bert"),
        "transformers has no code for the model_type 'jina_bert'",
    ),
    "an encoder with its decoder": (
        partial(make_network, architecture="t5"),
        "not an encoder alone",
    ),
}


@pytest.mark.parametrize(("make", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_followed_is_refused_by_name(
    tmp_path: Path, prepare_vital: Prepare, make: Make, words: str
) -> None:
    folder = make(tmp_path / "model")
    with pytest.raises(InvalidInput, match=words):
        prepare_vital(folder)


def test_names_of_a_later_release_are_read_as_the_ones_known_here(
    tmp_path: Path, prepare_vital: Prepare
) -> None:
    """Write what sentence-transformers 6.2 and transformers 5.24 write for the same model."""
    folder = make_model(tmp_path / "model", further=modules("Normalize"))
    expected = library(folder)["text"](TEXTS)
    edit_json(folder / "tokenizer_config.json", tokenizer_class="TokenizersBackend")
    edit_json(folder / "config.json", transformers_version="99.1.0")
    path = folder / "modules.json"
    content = json.loads(path.read_text())
    content[2]["type"] = "sentence_transformers.base.modules.normalize.Normalize"
    path.write_text(json.dumps(content))
    artifact = open_artifact(prepare_vital(folder), "safetensors")
    assert "saved by transformers 99.1.0, and read by" in artifact.manifest.details["notes"]
    for backend in ("pytorch", "sentence-transformers"):
        found = emch.encoder(backend, model=str(folder)).encode(TEXTS)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)
