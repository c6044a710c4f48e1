"""The trackers of a pipeline share one run of it, and skip where Beam is not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asv_runner.benchmarks.mark import SkipNotImplemented

from emch.beam.asked import Asked
from emch.errors import WorkerLost
from emch.measure.cpus import usable_cpus
from emch.records import Record
from emch.records.row import counted
from emch.suite import Pipelined, pipelines, tracked
from tests.unit.ground.test_records import RECORD


class Sentences(Pipelined):
    track_mean_batch_latency = tracked("mean_batch_latency_s")
    track_mean_model_load = tracked("mean_model_load_s")

    def pipeline(self, backend: str, workers: int) -> dict[str, Any]:
        return {"task": "sentence-encoding", "backend": backend, "count": 7, "workers": workers}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """Take the place of a pipeline; return what it was asked for."""
    found: list[Asked] = []

    def run(each: Asked) -> Record:
        found.append(each)
        if each.backend == "lost":
            raise WorkerLost("a worker was lost")
        rows = [counted("mean_batch_latency_s", 0.5), counted("mean_model_load_s", 2.0)]
        return replace(RECORD, rows=rows)

    monkeypatch.setattr(pipelines, "_run", run)
    monkeypatch.setattr(pipelines, "find_spec", lambda name: name)
    return found


def test_trackers_of_a_cell_share_one_run(asked: list[Asked], tmp_path: Path) -> None:
    suite = Sentences()
    assert suite.track_mean_batch_latency(str(tmp_path), "stub", 1) == 0.5
    assert suite.track_mean_model_load(str(tmp_path), "stub", 1) == 2.0
    assert suite.track_mean_model_load(str(tmp_path), "stub", 2) == 2.0
    assert [(each.backend, each.workers) for each in asked] == [("stub", 1), ("stub", 2)]
    assert asked[0].threads == usable_cpus()
    assert asked[1].threads == max(1, usable_cpus() // 2)
    assert (asked[0].min_batch_size, asked[0].max_batch_size, asked[0].count) == (16, 16, 7)


def test_error_is_kept_too(asked: list[Asked], tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(WorkerLost, match="a worker was lost"):
            Sentences().track_mean_model_load(str(tmp_path), "lost", 1)
    assert len(asked) == 1


def test_stack_without_beam_is_skipped(
    asked: list[Asked], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pipelines, "find_spec", lambda _: None)
    with pytest.raises(SkipNotImplemented, match="Apache Beam is not in this stack"):
        Sentences().track_mean_model_load(str(tmp_path), "stub", 1)
    assert asked == []
