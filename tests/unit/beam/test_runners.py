"""What each runner of Beam is told, and what is refused before a pipeline begins."""

import json
import os
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from emch.beam.flink import jars, state
from emch.beam.flink.cluster import cluster_options, stop
from emch.beam.flink.java import Ports, configuration
from emch.beam.runners import runner_options
from emch.errors import ChildFailed, InvalidInput, Unavailable
from tests.unit.beam.test_inputs import asked

ELSEWHERE = "--job_endpoint=cluster:8099"


@pytest.mark.parametrize(
    ("runner", "options", "wanted"),
    [
        ("spark", ("--spark_version=3",), ["--runner=SparkRunner", "--spark_version=3"]),
        (
            "dataflow",
            ("--project=p",),
            ["--runner=DataflowRunner", "--num_workers=4", "--project=p"],
        ),
        ("flink", (ELSEWHERE,), ["--runner=PortableRunner", "--parallelism=4", ELSEWHERE]),
    ],
)
def test_options_are_passed_on(runner: str, options: tuple[str, ...], wanted: list[str]) -> None:
    assert runner_options(asked(runner=runner, workers=4, options=options)) == wanted


def test_runner_is_named_by_emch_alone() -> None:
    with pytest.raises(InvalidInput, match="it belongs before --"):
        runner_options(asked(options=("--runner=PrismRunner",)))


@pytest.mark.usefixtures("empty_cache")
def test_without_a_cluster_flink_says_how_to_start_one() -> None:
    with pytest.raises(Unavailable, match="'emch beam flink start' starts one"):
        runner_options(asked(runner="flink"))
    with pytest.raises(InvalidInput, match="no Flink cluster runs here"):
        stop()


@pytest.mark.parametrize("kept", ['{"error": "it ended", "kind": "ChildFailed"}'])
def test_cluster_that_ended_by_itself_says_why(kept: str, empty_cache: Path) -> None:
    assert not empty_cache.exists()
    state.cluster_folder().mkdir(parents=True)
    (state.cluster_folder() / state.STATE).write_text(kept)
    assert isinstance(state.find_cluster(), ChildFailed)
    with pytest.raises(Unavailable, match=r"no Flink cluster runs here \(it ended\)"):
        cluster_options(1, 1)


def test_more_workers_than_task_managers_are_refused(empty_cache: Path) -> None:
    assert not empty_cache.exists()
    state.cluster_folder().mkdir(parents=True)
    running = state.State(os.getpid(), "", 2, 1, 2, 3, 4)
    (state.cluster_folder() / state.STATE).write_text(json.dumps(asdict(running)))
    with pytest.raises(InvalidInput, match="--workers 3: the Flink cluster has 2 task managers"):
        cluster_options(3, 1)


@pytest.mark.usefixtures("empty_cache")
def test_missing_java_or_maven_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unavailable, match="Flink needs 'java', which is not installed"):
        jars.jars()


def test_jars_that_cannot_be_fetched_leave_nothing(
    monkeypatch: pytest.MonkeyPatch, empty_cache: Path
) -> None:
    def fail(command: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess(command, 1, "[ERROR] no such artifact\nmore", "")

    monkeypatch.setattr(jars.shutil, "which", lambda name: name)
    monkeypatch.setattr(jars.subprocess, "run", fail)
    with pytest.raises(Unavailable, match=r"Maven cannot fetch .*: \[ERROR\] no such artifact"):
        jars.jars()
    assert [path.name for path in (empty_cache / "flink").iterdir()] == [".lock"]


def test_flink_listens_at_the_loopback_address_alone() -> None:
    found = configuration(Path("/place"), Ports(1, 2, 3, 4))
    hosts = [line for line in found.splitlines() if "host" in line or "address" in line]
    assert len(hosts) == 6
    assert all(line.endswith("127.0.0.1") for line in hosts)


def test_ports_are_different_ones() -> None:
    assert len(set(state.free_ports(8))) == 8
