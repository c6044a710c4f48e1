"""What an engine says while it loads is told as it is; an artifact is blamed for damage alone."""

from pathlib import Path
from typing import ClassVar

import pytest

from emch.backends import registry
from emch.backends.base import Backend, Options
from emch.backends.load import load_session
from emch.errors import BrokenArtifact, BrokenEngine, EmchError, LoadFailed, Unavailable
from emch.models.artifacts import Artifact
from emch.models.manifest import read_manifest, write_manifest


class Refusing(Backend):
    """Raises what it is told to."""

    artifact = "onnx"
    precision = "fp32"
    extra = "none"
    modules: ClassVar[tuple[str, ...]] = ()
    failure: ClassVar[BaseException]

    @classmethod
    def load(cls, folder: Path, options: Options) -> None:  # type: ignore[override]
        assert folder.is_dir()
        assert options.threads == 1
        raise cls.failure


@pytest.fixture
def artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Artifact:
    monkeypatch.setattr(registry, "get_backend", lambda _: Refusing)
    (tmp_path / "model.onnx").write_bytes(b"network")
    write_manifest(tmp_path, made_from="", details={}, tools=())
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    return Artifact("onnx", tmp_path, manifest)


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        (RuntimeError("no such\nlayer"), LoadFailed, r"\(RuntimeError: no such\), and .* is whole"),
        (KeyError("bert"), LoadFailed, r"\(KeyError: 'bert'\), and the artifact is whole"),
        (ImportError("libgone.so"), BrokenEngine, "cannot be imported: libgone.so"),
        (Unavailable("no device"), Unavailable, "no device"),
    ],
)
def test_failure_of_an_engine_on_a_whole_artifact_is_its_own(
    artifact: Artifact, failure: Exception, kind: type[EmchError], words: str
) -> None:
    Refusing.failure = failure
    with pytest.raises(kind, match=words):
        load_session("refusing", artifact, Options(threads=1))


@pytest.mark.parametrize("content", [b"n3twork", b"short"])
def test_damaged_artifact_is_named_with_its_remedy(artifact: Artifact, content: bytes) -> None:
    (artifact.folder / "model.onnx").write_bytes(content)
    Refusing.failure = ValueError("bad file")
    with pytest.raises(BrokenArtifact, match=r"model\.onnx.*run 'emch prepare'"):
        load_session("refusing", artifact, Options(threads=1))
