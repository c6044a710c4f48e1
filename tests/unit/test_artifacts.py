"""Artifacts are kept while they are whole, rebuilt when they are not, and opened with care."""

import errno
import shutil
from pathlib import Path

import pytest

from emch.errors import BrokenArtifact, InvalidInput, Unavailable
from emch.models import artifacts
from emch.models.artifacts import Kind, model_folder, open_artifact, prepare
from emch.models.source import DEFAULT_MODEL, Source


def copy(source: Path, target: Path) -> dict[str, str]:
    shutil.copyfile(source / "model.safetensors", target / "model.safetensors")
    return {}


def export(model: Path, target: Path) -> dict[str, str]:
    (target / "model.onnx").write_bytes(2 * (model / "model.safetensors").read_bytes())
    (target / "config.json").touch()
    return {"opset": "18"}


@pytest.fixture
def source(tmp_path: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """Return a tiny model, for which two kinds of artifact are built in no time."""
    assert not empty_cache.exists()
    kinds = {"safetensors": Kind(None, copy, ()), "onnx": Kind("safetensors", export, ("numpy",))}
    monkeypatch.setattr(artifacts, "KINDS", kinds)
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    return Source("tiny", folder, "folder", None)


def outcomes(source: Source) -> dict[str, str]:
    found = list(prepare(source))
    assert all(artifact is None or artifact.kind == kind for kind, artifact, _ in found)
    return {kind: outcome for kind, _, outcome in found}


def test_first_prepare_builds_and_the_second_keeps(source: Source) -> None:
    assert outcomes(source) == {"safetensors": "built", "onnx": "built"}
    before = (model_folder("tiny") / "onnx").stat().st_ino
    assert outcomes(source) == {"safetensors": "kept", "onnx": "kept"}
    assert (model_folder("tiny") / "onnx").stat().st_ino == before


@pytest.mark.parametrize("content", [b"weightsWEIGHTS", b"weig", None])
def test_damaged_artifact_alone_is_rebuilt(source: Source, content: bytes | None) -> None:
    outcomes(source)
    damaged = model_folder("tiny") / "onnx" / "model.onnx"
    damaged.unlink()
    if content is not None:
        damaged.write_bytes(content)
    assert outcomes(source) == {"safetensors": "kept", "onnx": "rebuilt"}
    assert damaged.read_bytes() == b"weightsweights"


def test_other_weights_rebuild_everything(source: Source) -> None:
    outcomes(source)
    (source.folder / "model.safetensors").write_bytes(b"heavier")
    assert outcomes(source) == {"safetensors": "rebuilt", "onnx": "rebuilt"}


@pytest.mark.parametrize("file", ["tokenizer.json", "1_Pooling/config.json"])
def test_other_tokenizer_or_pooling_rebuilds_everything(source: Source, file: str) -> None:
    outcomes(source)
    (source.folder / file).parent.mkdir(exist_ok=True)
    (source.folder / file).write_text("{}")
    assert outcomes(source) == {"safetensors": "rebuilt", "onnx": "rebuilt"}


def test_another_model_of_the_same_name_does_not_take_its_place(source: Source) -> None:
    outcomes(source)
    another = source.folder.parent / "another" / "tiny"
    shutil.copytree(source.folder, another)
    moved = Source("tiny", another, "folder another/tiny", None)
    assert outcomes(moved) == {"safetensors": "kept", "onnx": "kept"}
    (another / "model.safetensors").write_bytes(b"heavier")
    with pytest.raises(InvalidInput, match="another model is prepared as 'tiny', from folder"):
        outcomes(moved)
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
    promised = Source("tiny", source.folder, "folder", "0" * 64)
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
    with pytest.raises(InvalidInput, match="'onnx' could not be made from") as raised:
        outcomes(source)
    assert "\n" not in str(raised.value)
    assert not (model_folder("tiny") / "onnx").exists()


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
    assert not (model_folder("tiny") / "onnx").exists()
    monkeypatch.setitem(artifacts.KINDS, "onnx", Kind("safetensors", lack, ()))
    with pytest.raises(Unavailable, match="the tool is missing"):
        outcomes(source)


def test_size_is_that_of_all_files(source: Source) -> None:
    outcomes(source)
    artifact = open_artifact("tiny", "onnx")
    assert artifact.size == len(b"weightsweights")
    assert artifact.to_dict() == {"kind": "onnx", "sha256": artifact.sha256, "size": 14}


def test_prepared_artifact_opens_with_what_made_it(source: Source) -> None:
    outcomes(source)
    opened = open_artifact("tiny", "onnx")
    assert opened.folder == model_folder("tiny") / "onnx"
    assert opened.sha256 == opened.manifest.files["model.onnx"].sha256
    assert opened.manifest.details == {"origin": "folder", "opset": "18"}
    assert set(opened.manifest.tools) == {"numpy"}


@pytest.mark.usefixtures("empty_cache")
def test_artifact_that_was_never_made_is_unavailable_with_the_mend() -> None:
    with pytest.raises(Unavailable, match=r"run 'emch prepare'$"):
        open_artifact(DEFAULT_MODEL, "onnx")
    with pytest.raises(Unavailable, match=r"run 'emch prepare --model other'$"):
        open_artifact("other", "onnx")


def test_artifact_of_another_size_is_broken_with_the_mend(source: Source) -> None:
    outcomes(source)
    (model_folder("tiny") / "onnx" / "model.onnx").write_bytes(b"short")
    with pytest.raises(BrokenArtifact, match=r"model\.onnx has 5 bytes.* 'emch prepare"):
        open_artifact("tiny", "onnx")
