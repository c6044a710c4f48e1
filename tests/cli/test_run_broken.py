"""A damaged or missing artifact gives no number, whatever the engine makes of it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.backends.base import Options
from emch.errors import Unavailable
from emch.models.manifest import MANIFEST, read_manifest, write_manifest
from emch.runners import fresh_process
from emch.runners.job import Job
from emch.tasks.semantic_search import SemanticSearch

Emch = Callable[..., subprocess.CompletedProcess[str]]
Fails = Callable[..., str]


def run(backend: str) -> tuple[str, ...]:
    return ("run", "semantic-search", "--backend", backend, "--limit", "5", "--json", "-")


def overwrite(path: Path, place: float, size: int) -> None:
    """Invert some bytes and keep the size; `place` is a fraction of the file."""
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * place))
        content = file.read(size)
        file.seek(-len(content), 1)
        file.write(bytes(byte ^ 0xFF for byte in content))


@pytest.mark.parametrize("size", [64, 2**20])
@pytest.mark.parametrize("kind", ["onnx", "onnx-int8"])
def test_onnx_with_other_bytes_and_the_same_size_gives_no_number(
    emch: Emch, model_copy: Path, kind: str, size: int
) -> None:
    overwrite(model_copy / kind / "model.onnx", 0.5, size)
    backend = {"onnx": "onnxruntime", "onnx-int8": "onnxruntime-int8"}[kind]
    done = emch(*run(backend), EMCH_CACHE=model_copy.parents[1])
    assert done.returncode in (1, 3)
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("emch: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("backend", "artifact"),
    [("pytorch", "safetensors/model.safetensors"), ("onnxruntime", "onnx/model.onnx")],
)
def test_truncated_artifact_is_named_with_the_remedy(
    fails: Fails, model_copy: Path, backend: str, artifact: str
) -> None:
    path = model_copy / artifact
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    sentence = fails(3, *run(backend), EMCH_CACHE=model_copy.parents[1])
    assert str(path.parent) in sentence
    assert path.name in sentence
    assert sentence.endswith("run 'emch prepare'")


@pytest.mark.parametrize("kind", ["onnx", "reference"])
def test_missing_artifact_is_named_with_the_remedy(
    fails: Fails, model_copy: Path, kind: str
) -> None:
    (model_copy / kind / "manifest.json").unlink()
    sentence = fails(3, *run("onnxruntime"), EMCH_CACHE=model_copy.parents[1])
    assert f"the artifact '{kind}' of {model_copy.name} is not in" in sentence
    assert sentence.endswith("run 'emch prepare'")


def test_what_only_the_worker_misses_is_still_a_skip(
    model_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (model_copy / "reference" / "manifest.json").unlink()
    monkeypatch.setenv("EMCH_CACHE", str(model_copy.parents[1]))
    job = Job(
        task=SemanticSearch(dataset="mini", batch_size=16, limit=5),
        backend="onnxruntime",
        model=model_copy.name,
        options=Options(threads=1),
    )
    with pytest.raises(Unavailable, match="'reference'"):
        fresh_process.run(job)


def test_damaged_reference_is_not_blamed_on_the_backend(fails: Fails, model_copy: Path) -> None:
    overwrite(model_copy / "reference" / "probes.npy", 0.9, 1536)
    sentence = fails(3, *run("onnxruntime"), EMCH_CACHE=model_copy.parents[1])
    assert "probes.npy" in sentence
    assert sentence.endswith("run 'emch prepare'")


def test_wrong_answer_is_a_gate_that_is_not_met(fails: Fails, model_copy: Path) -> None:
    folder = model_copy / "reference"
    overwrite(folder / "probes.npy", 0.9, 1536)
    manifest = read_manifest(folder)
    assert manifest is not None
    (folder / MANIFEST).unlink()
    write_manifest(folder, made_from=manifest.made_from, details={}, tools=())
    sentence = fails(1, *run("onnxruntime"), EMCH_CACHE=model_copy.parents[1])
    assert "the backend 'onnxruntime' answers wrongly" in sentence


def test_empty_cache_says_how_to_fill_it(fails: Fails, tmp_path: Path) -> None:
    sentence = fails(3, *run("onnxruntime"), EMCH_CACHE=tmp_path)
    assert sentence.endswith("run 'emch prepare'")


@pytest.mark.usefixtures("prepared_model")
def test_model_that_was_not_prepared_is_named(fails: Fails) -> None:
    sentence = fails(3, *run("onnxruntime"), "--model", "other")
    assert sentence.endswith("run 'emch prepare --model other'")


@pytest.mark.usefixtures("empty_cache")
def test_dataset_that_is_not_here_says_what_would_help(fails: Fails) -> None:
    sentence = fails(3, *run("onnxruntime"), "--dataset", "scifact")
    assert "emch prepare --dataset scifact" in sentence


def test_engine_that_cannot_be_imported_gives_its_own_words(fails: Fails, tmp_path: Path) -> None:
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('libgone.so: no such file')\n")
    sentence = fails(3, *run("onnxruntime"), PYTHONPATH=tmp_path)
    assert "'onnxruntime' cannot be imported: libgone.so: no such file" in sentence
