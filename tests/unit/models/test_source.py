"""A model is found by name, folder or Hub id, and what cannot be loaded safely is refused."""

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from emch.errors import InvalidInput, Unavailable
from emch.models import source
from emch.models.source import DEFAULT_MODEL, KNOWN_MODELS, find_model

FILES = ("model.safetensors", "config.json", "tokenizer.json")
Require = Callable[[object, str], None]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "my-model"
    folder.mkdir()
    for name in FILES:
        (folder / name).touch()
    return folder


def write_modules(folder: Path, *modules: tuple[str, str]) -> None:
    content = [
        {"type": f"sentence_transformers.models.{kind}", "path": path} for kind, path in modules
    ]
    (folder / "modules.json").write_text(json.dumps(content))


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
    with pytest.raises(InvalidInput, match=rf"my-model has no {missing}\W"):
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


def test_weights_in_parts_are_weights(model: Path) -> None:
    (model / "model.safetensors").rename(model / "model.safetensors.index.json")
    assert find_model(str(model)).folder == model


def test_network_in_a_folder_of_its_own_is_found_there(model: Path) -> None:
    write_modules(model, ("Transformer", "0_Transformer"), ("Pooling", "1_Pooling"))
    with pytest.raises(InvalidInput, match=r"my-model/0_Transformer has no model\.safetensors"):
        find_model(str(model))
    (model / "0_Transformer").mkdir()
    for name in FILES:
        (model / name).rename(model / "0_Transformer" / name)
    with pytest.raises(InvalidInput, match=r"1_Pooling has no config\.json: it says how the model"):
        find_model(str(model))
    (model / "1_Pooling").mkdir()
    (model / "1_Pooling" / "config.json").touch()
    layout = find_model(str(model)).layout
    assert (layout.network, layout.modules) == (
        model / "0_Transformer",
        (model / "1_Pooling",),
    )


def test_pickled_weights_of_a_module_are_refused(model: Path) -> None:
    write_modules(model, ("Transformer", ""), ("Pooling", "1_Pooling"), ("Dense", "2_Dense"))
    (model / "1_Pooling").mkdir()
    (model / "1_Pooling" / "config.json").touch()
    (model / "2_Dense").mkdir()
    (model / "2_Dense" / "pytorch_model.bin").touch()
    with pytest.raises(InvalidInput, match=r"2_Dense has no .*: emch loads safetensors only"):
        find_model(str(model))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not valid JSON"),
        ("{}", "expected a list of modules"),
        ("[]", "expected a list of modules"),
        ('[{"type": "sentence_transformers.models.Transformer"}]', "no type or no path"),
        ('[{"type": "evil.Module", "path": ""}]', r"'evil\.Module' is code from elsewhere"),
        ('[{"type": "sentence_transformers.x", "path": "../.."}]', "leads out of the model"),
    ],
)
def test_modules_that_cannot_be_followed_are_refused(model: Path, content: str, words: str) -> None:
    (model / "modules.json").write_text(content)
    with pytest.raises(InvalidInput, match=rf"modules\.json: .*{words}"):
        find_model(str(model))


def test_key_is_the_name_with_what_the_folder_holds(model: Path) -> None:
    key = find_model(str(model)).key
    assert key.startswith("my-model~")
    assert find_model(f"{model}/").key == key
    copy = model.parent / "copy" / "my-model"
    copy.parent.mkdir()
    shutil.copytree(model, copy)
    assert find_model(str(copy)).key == key


@pytest.mark.parametrize(
    "file",
    ["model.safetensors", "config.json", "tokenizer.json", "vocab.txt", "1_Pooling/config.json"],
)
def test_key_changes_with_every_file_that_says_what_the_model_is(model: Path, file: str) -> None:
    write_modules(model, ("Transformer", ""), ("Pooling", "1_Pooling"))
    (model / "1_Pooling").mkdir()
    (model / "1_Pooling" / "config.json").touch()
    before = find_model(str(model)).key
    (model / file).write_text("{} ")
    assert find_model(str(model)).key != before
    (model / "README.md").write_text("words")
    assert find_model(str(model)).key == find_model(str(model)).key


def test_known_model_is_kept_under_its_name_alone(require: Require) -> None:
    require(find_spec(KNOWN_MODELS[DEFAULT_MODEL].package), "pip install 'emch[prepare]'")
    for given in (DEFAULT_MODEL, KNOWN_MODELS[DEFAULT_MODEL].hub_id):
        assert find_model(given).key == DEFAULT_MODEL
