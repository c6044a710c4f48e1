"""Pooling and limits are read as sentence-transformers writes them, in both spellings."""

import json
from pathlib import Path
from typing import Any

import pytest

from emch.errors import InvalidInput
from emch.models.settings import EncoderSettings, read_settings

NETWORK = {
    "hidden_size": 384,
    "max_position_embeddings": 512,
    "intermediate_size": 1536,
    "num_hidden_layers": 6,
}
OLD = {
    "word_embedding_dimension": 384,
    "pooling_mode_cls_token": False,
    "pooling_mode_mean_tokens": False,
    "pooling_mode_max_tokens": False,
    "include_prompt": True,
}


def write(folder: Path, name: str, content: Any) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    write(tmp_path, "config.json", NETWORK)
    return tmp_path


@pytest.mark.parametrize(
    ("config", "pooling"),
    [
        (OLD | {"pooling_mode_mean_tokens": True}, "mean"),
        (OLD | {"pooling_mode_cls_token": True}, "cls"),
        ({"pooling_mode": "mean"}, "mean"),
        ({"pooling_mode": "cls", "include_prompt": True}, "cls"),
        ({}, "mean"),
    ],
)
def test_pooling_is_read_in_both_spellings(model: Path, config: Any, pooling: str) -> None:
    write(model, "1_Pooling/config.json", config)
    assert read_settings(model).pooling == pooling


@pytest.mark.parametrize(
    "config",
    [
        OLD | {"pooling_mode_max_tokens": True},
        OLD | {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True},
        {"pooling_mode": "lasttoken"},
        {"pooling_mode": ["mean", "cls"]},
    ],
)
def test_other_pooling_is_refused_with_its_file(model: Path, config: Any) -> None:
    write(model, "1_Pooling/config.json", config)
    with pytest.raises(InvalidInput, match=r"1_Pooling/config\.json: pooling .* mean, cls"):
        read_settings(model)


def test_without_the_files_it_is_the_network_and_the_mean(model: Path) -> None:
    assert read_settings(model) == EncoderSettings(
        max_tokens=512, hidden_size=384, feed_forward_size=1536, layers=6, pooling="mean"
    )


@pytest.mark.parametrize(
    ("sentence", "max_tokens"),
    [({"max_seq_length": 256}, 256), ({"max_seq_length": None}, 512), ({}, 512)],
)
def test_limit_of_sentences_wins(model: Path, sentence: Any, max_tokens: int) -> None:
    write(model, "sentence_bert_config.json", sentence)
    assert read_settings(model).max_tokens == max_tokens


@pytest.mark.parametrize("key", NETWORK)
def test_model_that_is_no_encoder_is_refused(model: Path, key: str) -> None:
    write(model, "config.json", {name: NETWORK[name] for name in NETWORK if name != key})
    with pytest.raises(InvalidInput, match=rf"config\.json has no {key}: emch takes"):
        read_settings(model)


def test_no_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"config\.json"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    "name", ["config.json", "sentence_bert_config.json", "1_Pooling/config.json"]
)
@pytest.mark.parametrize(("content", "words"), [("{", "not valid JSON"), ("[1]", "found list")])
def test_broken_file_is_named(model: Path, name: str, content: str, words: str) -> None:
    write(model, name, content)
    with pytest.raises(InvalidInput, match=words) as raised:
        read_settings(model)
    assert str(raised.value).startswith(str(model / name))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", NETWORK | {"hidden_size": "wide"}),
        ("config.json", NETWORK | {"max_position_embeddings": [512]}),
        ("sentence_bert_config.json", {"max_seq_length": "long"}),
    ],
)
def test_number_that_is_none_is_refused(model: Path, name: str, content: Any) -> None:
    write(model, name, content)
    with pytest.raises(InvalidInput):
        read_settings(model)


def test_operations_of_a_text_are_those_of_its_matrix_products(model: Path) -> None:
    tokens, layers, width, inner = 7, 6, 384, 1536
    squares = 4 * 2 * tokens * width * width
    feed_forward = 2 * (2 * tokens * width * inner)
    scores_and_values = 2 * (2 * tokens * tokens * width)
    expected = layers * (squares + feed_forward + scores_and_values)
    assert read_settings(model).count_flop(tokens) == expected
