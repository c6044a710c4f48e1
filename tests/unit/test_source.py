"""A model is found by name, folder or Hub id, and what cannot be loaded safely is refused."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from emch.errors import InvalidInput, Unavailable
from emch.models import source
from emch.models.source import DEFAULT_MODEL, KNOWN_MODELS, find_model, model_name

FILES = ("model.safetensors", "config.json", "tokenizer.json")
Require = Callable[[object, str], None]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "my-model"
    folder.mkdir()
    for name in FILES:
        (folder / name).touch()
    return folder


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "find_spec", lambda _: None)


def test_default_model_is_found_in_its_package(require: Require) -> None:
    known = KNOWN_MODELS[DEFAULT_MODEL]
    require(find_spec(known.package), "pip install 'emch[prepare]'")
    found = find_model()
    assert (found.name, found.sha256) == (DEFAULT_MODEL, known.sha256)
    assert found.origin.startswith("package ")
    assert (found.folder / "model.safetensors").stat().st_size > 90_000_000


def test_folder_is_named_after_itself(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_model(str(model))
    assert (found.name, found.folder) == ("my-model", model)
    assert (found.origin, found.sha256) == (f"folder {model}", None)
    monkeypatch.chdir(model)
    assert find_model(".") == found


@pytest.mark.usefixtures("no_package")
def test_folder_with_a_known_name_must_have_the_known_weights(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renamed = model.rename(model.with_name(DEFAULT_MODEL))
    monkeypatch.chdir(model.parent)
    for given in (DEFAULT_MODEL, str(renamed), f"./{DEFAULT_MODEL}"):
        found = find_model(given)
        assert found.folder == renamed
        assert found.sha256 == KNOWN_MODELS[DEFAULT_MODEL].sha256


@pytest.mark.parametrize("missing", FILES)
def test_folder_that_lacks_a_file_is_refused(model: Path, missing: str) -> None:
    (model / missing).unlink()
    with pytest.raises(InvalidInput, match=f"my-model has no {missing}: "):
        find_model(str(model))


def test_pickled_weights_are_no_weights(model: Path) -> None:
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    with pytest.raises(InvalidInput, match="emch loads safetensors only"):
        find_model(str(model))


@pytest.mark.parametrize("model_id", ["no-such-organisation/no-such-model", "no-such-model"])
def test_hub_that_cannot_be_reached_is_unavailable(require: Require, model_id: str) -> None:
    require(find_spec("huggingface_hub"), "pip install 'emch[hub]'")
    with pytest.raises(Unavailable, match=f"'{model_id}' is not here .*give the folder"):
        find_model(model_id)


@pytest.mark.usefixtures("no_package")
def test_known_model_that_is_nowhere_names_the_package_that_carries_it(
    require: Require, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    require(find_spec("huggingface_hub"), "pip install 'emch[hub]'")
    from huggingface_hub import constants

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(Unavailable, match=r"pip install 'emch\[prepare\]', which carries it"):
        find_model(DEFAULT_MODEL)


@pytest.mark.parametrize("model_id", ["", "/no/such/folder", "a/b/c", "what is this?"])
def test_what_is_no_folder_and_no_id_is_invalid(
    require: Require, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model_id: str
) -> None:
    require(find_spec("huggingface_hub"), "pip install 'emch[hub]'")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput):
        find_model(model_id)


def test_model_name_is_a_name_that_stays_in_the_cache(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (model / "1_Pooling").mkdir()
    monkeypatch.chdir(model / "1_Pooling")
    assert model_name("..") == "my-model"
    assert model_name(f"{model}/") == "my-model"
    assert model_name("sentence-transformers/all-MiniLM-L6-v2") == "all-MiniLM-L6-v2"
    assert model_name("all-MiniLM-L6-v2") == "all-MiniLM-L6-v2"
