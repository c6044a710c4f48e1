"""A name is not an identity: what is measured is the model that was asked for, or nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from emch.errors import InvalidInput, Unavailable
from emch.models import artifacts
from emch.models import prepare as preparing
from emch.models.artifacts import Kind
from emch.models.prepare import prepare
from emch.models.resolve import resolve_model
from emch.models.source import DEFAULT_MODEL, KNOWN_MODELS, Source, find_model


def build(_: Path, target: Path) -> dict[str, str]:
    (target / "made").touch()
    return {}


def make(folder: Path, weights: bytes) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(weights)
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text("{}")
    return folder


def prepared(source: Source) -> str:
    list(prepare(source))
    return source.key


@pytest.fixture(autouse=True)
def one_kind(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not empty_cache.exists()
    for module in (artifacts, preparing):
        monkeypatch.setattr(module, "KINDS", {"safetensors": Kind(None, build, (), vital=True)})


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return make(tmp_path / "a" / "model", b"one")


def test_folder_name_and_key_are_the_model_that_was_prepared(first: Path) -> None:
    key = prepared(find_model(str(first)))
    assert {resolve_model(each) for each in (str(first), f"{first}/", "model", key)} == {key}


def test_folder_that_is_gone_is_still_prepared(first: Path) -> None:
    key = prepared(find_model(str(first)))
    first.rename(first.with_name("elsewhere"))
    assert resolve_model("model") == key


def test_another_folder_of_the_same_name_is_not_prepared(first: Path, tmp_path: Path) -> None:
    key = prepared(find_model(str(first)))
    other = make(tmp_path / "b" / "model", b"two")
    with pytest.raises(Unavailable) as raised:
        resolve_model(str(other))
    for words in (str(other), f"{key} from folder {first}", f"'emch prepare --model {other}'"):
        assert words in str(raised.value)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "vocab.txt"])
def test_changed_folder_is_not_prepared(first: Path, file: str) -> None:
    prepared(find_model(str(first)))
    (first / file).write_text("{} ")
    for given in (str(first), "model"):
        with pytest.raises(Unavailable, match=r"\(prepared as 'model' is model~") as raised:
            resolve_model(given)
        assert str(raised.value).endswith(f"run 'emch prepare --model {first}'")
    key = prepared(find_model(str(first)))
    assert resolve_model("model") == key


def test_two_models_of_one_name_are_told_apart_by_folder_or_key(
    first: Path, tmp_path: Path
) -> None:
    other = make(tmp_path / "b" / "model", b"two")
    keys = [prepared(find_model(str(folder))) for folder in (first, other)]
    assert [resolve_model(str(folder)) for folder in (first, other)] == keys
    assert [resolve_model(key) for key in keys] == keys
    with pytest.raises(InvalidInput, match="several models are prepared as 'model'") as raised:
        resolve_model("model")
    assert all(key in str(raised.value) for key in keys)


def test_hub_id_is_the_whole_id(first: Path) -> None:
    source = replace(find_model(str(first)), origin="Hub org/model")
    key = prepared(source)
    assert resolve_model("org/model") == key
    with pytest.raises(Unavailable, match=r"'no-such-org/model' is not prepared .*Hub org/model"):
        resolve_model("no-such-org/model")


@pytest.mark.parametrize("given", ["nothing", "org/nothing", "model~12345678", "a/b/c"])
def test_what_was_never_prepared_is_unavailable(first: Path, given: str) -> None:
    prepared(find_model(str(first)))
    with pytest.raises(Unavailable, match="is not prepared"):
        resolve_model(given)


def test_known_model_has_its_name() -> None:
    for given in (DEFAULT_MODEL, KNOWN_MODELS[DEFAULT_MODEL].hub_id):
        assert resolve_model(given) == DEFAULT_MODEL
    with pytest.raises(Unavailable, match="is not prepared"):
        resolve_model(f"no-such-org/{DEFAULT_MODEL}")
