"""Whoever interrupts a verb, it says so in one line and leaves nothing behind."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from emch.cache import cache_dir
from tests.interrupting import WAYS, interrupt, require_clean_end

from .prepared import EMCH

RUN = ("--backend", "onnxruntime", "--batch-size", "1")


def measures(process: psutil.Process) -> bool:
    """Say whether the measured process has begun to work."""
    workers = [each for each in process.children(recursive=True) if is_worker(each)]
    return any(each.cpu_times().user > 0.5 for each in workers)


def is_worker(process: psutil.Process) -> bool:
    return process.cmdline()[3:4] == ["emch.runners.worker"]


def imports_its_verb(process: psutil.Process) -> bool:
    """Say whether it is past Python's own start, and not yet at work."""
    return process.cpu_times().user > 0.1


def environment(tmp_path: Path, cache: Path | None = None) -> dict[str, str]:
    (tmp_path / "tmp").mkdir()
    own = {"TMPDIR": str(tmp_path / "tmp"), "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "inductor")}
    return os.environ | own | {"EMCH_CACHE": str(cache or cache_dir())}


@pytest.mark.usefixtures("prepared_model")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("verb", "is_time"),
    [
        (("run", "semantic-search", *RUN, "--json", "record.json"), measures),
        (("run", "sentence-encoding", *RUN, "--json", "record.json"), measures),
        (("run", "startup", "--backend", "pytorch", "--json", "record.json"), measures),
        (("doctor", "--backends"), measures),
        (("doctor", "--backends"), imports_its_verb),
        (("list",), imports_its_verb),
    ],
    ids=["search", "encoding", "startup", "doctor", "doctor early", "list"],
)
def test_interrupted_verb_says_so_and_leaves_nothing(
    tmp_path: Path, way: str, verb: tuple[str, ...], is_time: Callable[[psutil.Process], bool]
) -> None:
    found = interrupt([str(EMCH), *verb], way, is_time, cwd=tmp_path, env=environment(tmp_path))
    require_clean_end(found, way)
    assert found.stderr == "emch: interrupted\n"
    assert found.stdout == ""
    assert not list(tmp_path.glob("record*"))
    assert not list((tmp_path / "tmp").glob("emch-*"))


@pytest.mark.parametrize("way", WAYS)
def test_interrupted_prepare_leaves_nothing_unfinished(
    model_copy: Path, tmp_path: Path, way: str
) -> None:
    shutil.rmtree(model_copy / "reference")
    found = interrupt(
        [sys.executable, "-m", "emch.cli.main", "prepare"],
        way,
        lambda _: bool(list(model_copy.glob("unfinished-*"))),
        env=environment(tmp_path, model_copy.parents[1]),
    )
    require_clean_end(found, way)
    assert not list(model_copy.glob("unfinished-*"))
