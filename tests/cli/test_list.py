"""`emch list` shows what there is, and says of what is missing why, and what would help."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emch.backends.native.program import Program
from emch.backends.registry import BACKENDS, get_backend
from emch.datasets.registry import DATASETS
from emch.models.artifacts import KINDS

from .prepared import REQUIRED

Emch = Callable[..., subprocess.CompletedProcess[str]]


def listing(emch: Emch) -> dict[str, Any]:
    done = emch("list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def listed(emch: Emch) -> dict[str, Any]:
    return listing(emch)


@pytest.mark.usefixtures("empty_cache")
def test_json_has_every_backend_and_dataset(emch: Emch) -> None:
    found = listing(emch)
    assert list(found) == ["backends", "datasets", "models"]
    assert list(found["backends"]) == list(BACKENDS)
    assert list(found["datasets"]) == list(DATASETS)
    assert found["models"] == {}


@pytest.mark.parametrize("name", BACKENDS)
def test_backend_is_ready_or_says_what_would_help(listed: dict[str, Any], name: str) -> None:
    row = listed["backends"][name]
    backend = get_backend(name)
    assert (row["precision"], row["artifact"]) == (backend.precision, backend.artifact)
    if backend.unavailable():
        remedies = (f"pip install 'emch[{backend.extra}]'", "run 'make native'")
        assert any(remedy in row["state"] for remedy in remedies)
    elif issubclass(backend, Program):  # with what it was built from
        assert row["state"] == f"ready ({backend.built()})"
    else:
        assert row["state"] == "ready"


@pytest.mark.usefixtures("empty_cache")
def test_dataset_is_ready_or_says_what_would_help(emch: Emch) -> None:
    datasets = listing(emch)["datasets"]
    assert datasets["mini"] == {"queries": 120, "titles": 240, "state": "ready"}
    assert "emch prepare --dataset scifact" in datasets["scifact"]["state"]


def test_prepared_model_has_the_start_of_each_sha256(
    listed: dict[str, Any], prepared_model: str
) -> None:
    row = listed["models"][prepared_model]
    assert list(row) == list(KINDS)
    assert row["safetensors"] == "53aa5117"
    assert all(len(bytes.fromhex(row[kind])) == 4 for kind in REQUIRED)


def test_damaged_artifact_is_told_from_a_missing_one(emch: Emch, model_copy: Path) -> None:
    (model_copy / "onnx" / "model.onnx").write_bytes(b"short")
    (model_copy / "reference" / "manifest.json").unlink()
    done = emch("list", "--json", EMCH_CACHE=model_copy.parents[1])
    row = json.loads(done.stdout)["models"][model_copy.name]
    assert (row["onnx"], row["reference"]) == ("BrokenArtifact", "Unavailable")


def test_tables_have_the_columns_and_a_row_for_each_name(emch: Emch, prepared_model: str) -> None:
    done = emch("list")
    assert (done.returncode, done.stderr) == (0, "")
    backends, datasets, models = done.stdout.strip().split("\n\n")
    assert lines(backends)[0] == ["backends", "precision", "artifact", "state"]
    assert lines(datasets)[0] == ["datasets", "queries", "titles", "state"]
    assert lines(models)[0] == ["models", "artifact", "state"]
    assert {words[0] for words in lines(backends)[1:]} >= set(BACKENDS)
    assert {words[0] for words in lines(datasets)[1:]} >= set(DATASETS)
    kinds = [words[1] for words in lines(models)[1:] if words[0] == prepared_model]
    assert kinds == [*KINDS]


def lines(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line.strip()]
