"""A small pipeline on a real cluster of Flink, one of whose workers is killed in the middle."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from emch.cache import cache_dir
from tests.beam.conftest import Beam, answers, record
from tests.beam.engines import MARKER
from tests.conftest import Require


@pytest.fixture
def cluster(require: Require, beam: Beam, tmp_path: Path) -> Iterator[str]:
    """Start a cluster with two task managers in a cache of its own; return that cache."""
    for program in ("java", "mvn"):
        require(shutil.which(program), f"install {program}, which Flink needs")
    cache = tmp_path / "cache"
    (cache / "flink").mkdir(parents=True)
    if (kept := cache_dir() / "flink" / "1.19-2.62.0").is_dir():
        (cache / "flink" / kept.name).symlink_to(kept)
    # Workers have the variables of the cluster, as those on other machines would.
    variables = {"EMCH_CACHE": str(cache), MARKER: str(tmp_path / "killed")}
    started = beam("flink", "start", "--task-managers", 2, **variables)
    assert started.returncode == 0, started.stderr
    yield str(cache)
    stopped = beam("flink", "stop", EMCH_CACHE=str(cache))
    assert stopped.returncode == 0, stopped.stderr
    assert not (cache / "flink" / "cluster").exists()


def test_pipeline_goes_on_when_a_worker_is_killed(beam: Beam, cluster: str, tmp_path: Path) -> None:
    done = beam(
        "sentence-encoding", "--backend", "tests.beam.engines:Killed", "-n", 100, "--workers", 2,
        "--runner", "flink", "--out", "answers", "--json", "record.json",
        EMCH_CACHE=cluster,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "killed").exists()
    assert sorted(answers(tmp_path / "answers")) == list(range(100))
    counts = record(tmp_path / "record.json").counts
    assert (counts["answered"], counts["inferences"], counts["worker_processes"]) == (100, 100, 2)
    again = beam("flink", "start", EMCH_CACHE=cluster)
    assert again.returncode == 2
    assert "runs already: 'emch beam flink stop' ends it" in again.stderr
