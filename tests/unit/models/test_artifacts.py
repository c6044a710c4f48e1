"""Artifacts are kept while they are whole, rebuilt when they are not, and opened with care."""

import errno
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from emch.errors import BrokenArtifact, InvalidInput, Unavailable
from emch.models import artifacts
from emch.models import prepare as preparing
from emch.models.artifacts import Kind, model_folder, open_artifact, read_absent
from emch.models.prepare import prepare
from emch.models.source import DEFAULT_MODEL, Source


def copy(source: Path, target: Path) -> dict[str, str]:
    shutil.copyfile(source / "model.safetensors", target / "model.safetensors")
    return {"reference": "library 1.0"}


def export(model: Path, target: Path) -> dict[str, str]:
    (target / "model.onnx").write_bytes(2 * (model / "model.safetensors").read_bytes())
    (target / "config.json").touch()
    return {"opset": "18"}


def export_again(onnx: Path, target: Path) -> dict[str, str]:
    shutil.copyfile(onnx / "model.onnx", target / "model.onnx")
    return {}


@pytest.fixture
def source(tmp_path: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """Return a tiny model, for which two kinds of artifact are built in no time."""
    assert not empty_cache.exists()
    kinds = {
        "safetensors": Kind(None, copy, (), vital=True),
        "onnx": Kind("safetensors", export, ("numpy",)),
    }
    for module in (artifacts, preparing):
        monkeypatch.setattr(module, "KINDS", kinds)
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    return Source("tiny", folder, f"folder {folder}")


def test_another_model_is_made_when_it_is_asked_for_and_has_no_reference(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = {
        "safetensors": Kind(None, copy, (), vital=True),
        "static": Kind("safetensors", export, (), optional=True, another=True),
    }
    for module in (artifacts, preparing):
        monkeypatch.setattr(module, "KINDS", kinds)
    assert [each.kind for each in prepare(source)] == ["safetensors"]
    with pytest.raises(Unavailable, match=r"run 'emch prepare .*--distil'"):
        open_artifact(source.key, "static")
    assert [each.outcome for each in prepare(source, others=["static"])] == ["kept", "built"]
    assert open_artifact(source.key, "static").own
    assert not open_artifact(source.key, "safetensors").own


def outcomes(source: Source) -> dict[str, str]:
    found = list(prepare(source))
    assert all(artifact is None or artifact.kind == kind for kind, artifact, _ in found)
    return {kind: outcome for kind, _, outcome in found}


def test_first_prepare_builds_and_the_second_keeps(source: Source) -> None:
    assert outcomes(source) == {"safetensors": "built", "onnx": "built"}
    before = (model_folder(source.key) / "onnx").stat().st_ino
    assert outcomes(source) == {"safetensors": "kept", "onnx": "kept"}
    assert (model_folder(source.key) / "onnx").stat().st_ino == before


@pytest.mark.parametrize("content", [b"weightsWEIGHTS", b"weig", None])
def test_damaged_artifact_alone_is_rebuilt(source: Source, content: bytes | None) -> None:
    outcomes(source)
    damaged = model_folder(source.key) / "onnx" / "model.onnx"
    damaged.unlink()
    if content is not None:
        damaged.write_bytes(content)
    assert outcomes(source) == {"safetensors": "kept", "onnx": "rebuilt"}
    assert damaged.read_bytes() == b"weightsweights"


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
def test_changed_folder_is_another_model_beside_the_first(source: Source, file: str) -> None:
    outcomes(source)
    (source.folder / file).write_bytes(b"{}")
    changed = replace(source)
    assert outcomes(changed) == {"safetensors": "built", "onnx": "built"}
    assert changed.key != source.key
    assert outcomes(source) == {"safetensors": "kept", "onnx": "kept"}


def test_two_models_of_one_name_live_side_by_side(source: Source) -> None:
    outcomes(source)
    another = source.folder.parent / "another" / "tiny"
    shutil.copytree(source.folder, another)
    moved = Source("tiny", another, f"folder {another}")
    assert outcomes(moved) == {"safetensors": "kept", "onnx": "kept"}  # it holds the same
    (another / "model.safetensors").write_bytes(b"heavier")
    assert outcomes(replace(moved)) == {"safetensors": "built", "onnx": "built"}
    assert outcomes(source) == {"safetensors": "kept", "onnx": "kept"}


def test_full_disk_stays_what_it_is(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: Path) -> dict[str, str]:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(artifacts.KINDS, "onnx", Kind("safetensors", fill, ()))
    with pytest.raises(Unavailable, match="no space left"):
        outcomes(source)


def test_source_is_not_changed(source: Source) -> None:
    outcomes(source)
    assert [path.name for path in source.folder.iterdir()] == ["model.safetensors"]


def test_weights_with_another_checksum_are_refused_before_anything_is_written(
    source: Source, empty_cache: Path
) -> None:
    promised = replace(source, sha256="0" * 64)
    with pytest.raises(InvalidInput, match=r"model\.safetensors is not tiny: its sha256 is"):
        outcomes(promised)
    assert not empty_cache.exists()


@pytest.mark.parametrize(
    "failure",
    [RuntimeError("first\nsecond"), ValueError("bad"), KeyError("bert"), IndexError("too long"),
     TypeError("none"), AttributeError("none"), NotImplementedError("no"),
     OSError("the config is not valid JSON")],
    ids=repr,
)  # fmt: skip
def test_whatever_the_exporter_raises_becomes_one_sentence(
    source: Source, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*_: Path) -> dict[str, str]:
        raise failure

    monkeypatch.setitem(artifacts.KINDS, "onnx", Kind("safetensors", fail, ()))
    reason = outcomes(source)["onnx"]
    assert reason.startswith("the artifact 'onnx' could not be made from")
    assert "\n" not in reason
    assert not (model_folder(source.key) / "onnx").exists()
    monkeypatch.setitem(artifacts.KINDS, "onnx", Kind("safetensors", fail, (), vital=True))
    with pytest.raises(InvalidInput, match="'onnx' could not be made from"):
        outcomes(source)


def test_reason_of_what_cannot_be_made_is_given_whenever_it_is_asked_for(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Path) -> dict[str, str]:
        raise ValueError("no conversion is registered")

    monkeypatch.setitem(artifacts.KINDS, "onnx", Kind("safetensors", refuse, ()))
    monkeypatch.setitem(artifacts.KINDS, "onnx-int8", Kind("onnx", export, ()))
    assert outcomes(source)["onnx-int8"] == "it is made of 'onnx', which is not here"
    with pytest.raises(Unavailable, match=r"there is no artifact 'onnx' .* is registered"):
        open_artifact(source.key, "onnx")
    monkeypatch.setitem(artifacts.KINDS, "onnx", Kind("safetensors", export, ()))
    monkeypatch.setitem(artifacts.KINDS, "onnx-int8", Kind("onnx", export_again, ()))
    assert outcomes(source)["onnx"] == "built"
    assert read_absent(source.key) == {}


def test_optional_artifact_that_cannot_be_made_is_passed_over_with_the_reason(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lack(*_: Path) -> dict[str, str]:
        raise Unavailable("the tool is missing")

    def refuse(*_: Path) -> dict[str, str]:
        raise ValueError("no conversion is registered")

    monkeypatch.setitem(artifacts.KINDS, "onnx", Kind("safetensors", refuse, (), optional=True))
    assert "no conversion is registered" in outcomes(source)["onnx"]
    monkeypatch.setitem(artifacts.KINDS, "onnx", Kind("safetensors", lack, (), optional=True))
    assert outcomes(source) == {"safetensors": "kept", "onnx": "the tool is missing"}
    assert not (model_folder(source.key) / "onnx").exists()
    monkeypatch.setitem(artifacts.KINDS, "onnx", Kind("safetensors", lack, ()))
    with pytest.raises(Unavailable, match="the tool is missing"):
        outcomes(source)


def test_size_is_that_of_all_files(source: Source) -> None:
    outcomes(source)
    artifact = open_artifact(source.key, "onnx")
    assert artifact.size == len(b"weightsweights")
    assert artifact.to_dict() == {
        "kind": "onnx",
        "sha256": artifact.sha256,
        "size": 14,
        "origin": source.origin,
        "reference": "library 1.0",
    }


def test_prepared_artifact_opens_with_what_made_it(source: Source) -> None:
    outcomes(source)
    opened = open_artifact(source.key, "onnx")
    assert opened.folder == model_folder(source.key) / "onnx"
    assert opened.sha256 == opened.manifest.files["model.onnx"].sha256
    assert opened.manifest.details == {
        "origin": source.origin,
        "reference": "library 1.0",
        "opset": "18",
    }
    assert set(opened.manifest.tools) == {"numpy"}


@pytest.mark.usefixtures("empty_cache")
def test_artifact_that_was_never_made_is_unavailable_with_the_remedy() -> None:
    with pytest.raises(Unavailable, match=r"run 'emch prepare'$"):
        open_artifact(DEFAULT_MODEL, "onnx")
    with pytest.raises(Unavailable, match=r"run 'emch prepare --model other'$"):
        open_artifact("other", "onnx")


def test_artifact_of_another_size_is_broken_with_the_remedy(source: Source) -> None:
    outcomes(source)
    (model_folder(source.key) / "onnx" / "model.onnx").write_bytes(b"short")
    with pytest.raises(BrokenArtifact, match=r"model\.onnx has 5 bytes.* 'emch prepare"):
        open_artifact(source.key, "onnx")
