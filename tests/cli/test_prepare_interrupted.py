"""Whatever stops `emch prepare`, and whoever runs beside it, the cache stays whole."""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.cache import cache_dir

from .prepared import OPTIONAL, REQUIRED, is_whole, outcomes, start

Emch = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def unfinished_model(model_copy: Path) -> Path:
    """Return a prepared model that lacks its last artifact, the quickest to build."""
    shutil.rmtree(model_copy / "reference")
    return model_copy


def wait_for_unfinished(model: Path, process: subprocess.Popen[str]) -> None:
    while not list(model.glob("unfinished-*")):
        assert process.poll() is None, "it ended before it could be stopped"
        time.sleep(0.01)
    time.sleep(0.5)  # to be in the middle of the imports or of the build


def test_interrupt_leaves_nothing_unfinished_and_the_next_prepare_succeeds(
    emch: Emch, unfinished_model: Path
) -> None:
    cache = unfinished_model.parents[1]
    with start("prepare", cache=cache) as process:
        wait_for_unfinished(unfinished_model, process)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode in (1, 130)
    assert "Traceback" not in said
    names = {path.name for path in unfinished_model.iterdir()}
    assert names - OPTIONAL == {*REQUIRED, ".lock"} - {"reference"}

    following = emch("prepare", EMCH_CACHE=cache)
    assert following.returncode == 0, following.stderr
    assert outcomes(following.stdout + following.stderr)["reference"] == "built"
    assert is_whole(unfinished_model / "reference")


def test_two_at_once_both_succeed_and_one_builds(unfinished_model: Path) -> None:
    cache = unfinished_model.parents[1]
    both = [start("prepare", cache=cache) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(outcomes(text)["reference"] for text in said) == ["built", "kept"]
    assert all(is_whole(unfinished_model / kind) for kind in REQUIRED)
    assert not list(unfinished_model.glob("unfinished-*"))


def test_killed_prepare_is_cleaned_up_by_the_next(emch: Emch, model_copy: Path) -> None:
    (model_copy / "safetensors" / "config.json").unlink()
    stale = model_copy / "unfinished-safetensors-k1ll3d"
    stale.mkdir()
    assert emch("prepare", EMCH_CACHE=model_copy.parents[1]).returncode == 0
    assert not stale.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_leaves_no_process(
    prepared_model: str, tmp_path: Path, number: signal.Signals
) -> None:
    assert prepared_model
    run = ("run", "semantic-search", "--backend", "onnxruntime", "--json", str(tmp_path / "r"))
    with start(*run, "--batch-size", "1", cache=cache_dir()) as process:
        while not descendants(process.pid):
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(0.3)
        children = descendants(process.pid)
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode != 0
    assert not [pid for pid in children if Path(f"/proc/{pid}/cmdline").exists()]


def descendants(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]
