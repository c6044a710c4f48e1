"""asv run, continuous, compare, show, publish and preview, on real commits of a real engine."""

import json
import math
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.asv.conftest import ANSWER, BATCH, ENGINE, Project

RUN = ("run", "--machine", "test", "--record-samples", "--show-stderr")
CELL = r"\('mini', 'onnxruntime-int8', 16\)"

pytestmark = pytest.mark.xdist_group("asv")  # the project and its environment are made once


def value(results: dict[str, list[float | None]], benchmark: str) -> float | None:
    """Return the one value of a benchmark that is not a cell left out."""
    values = [v for v in results[f"semantic_search.{benchmark}"] if v is None or not math.isnan(v)]
    assert len(values) == 1
    return values[0]


def only(cells: list[float | None]) -> float:
    """Return the one number of a benchmark's cells."""
    (number,) = (cell for cell in cells if cell is not None and not math.isnan(cell))
    return number


@pytest.fixture(scope="module")
def measured(project: Project) -> str:
    """Run two benchmark classes on one cell of HEAD; return the commit."""
    done = project.asv(*RUN, "--bench", rf"(WholeProcess\.|Warm\.).*{CELL}", "HEAD^!")
    assert done.returncode == 0, done.stdout + done.stderr
    return project.git("rev-parse", "HEAD")


def test_run_measures_speed_memory_and_accuracy(project: Project, measured: str) -> None:
    results = project.results(measured)
    hit_rate = value(results, "WholeProcess.track_hitrate")
    miss_rate = value(results, "WholeProcess.track_missrate")
    assert hit_rate is not None
    assert miss_rate is not None
    assert 0.6 < hit_rate < 0.9
    assert hit_rate + miss_rate == pytest.approx(1)
    for benchmark in ("Warm.time_search", "WholeProcess.track_wall", "WholeProcess.track_user"):
        seconds = value(results, benchmark)
        assert seconds is not None
        assert 0 < seconds < 600
    peak = value(results, "WholeProcess.track_peak_memory")
    assert peak is not None
    assert 2**25 < peak < 2**31


def test_every_benchmark_can_be_found_and_takes_its_parameters(
    project: Project, measured: str
) -> None:
    done = project.asv("check")
    assert done.returncode == 0, done.stdout + done.stderr
    modules = {name.partition(".")[0] for name in project.results(measured)}
    assert modules == {"semantic_search"}
    known = json.loads((project.folder / "results" / "benchmarks.json").read_text())
    classes = {name.rpartition(".")[0] for name in known if name != "version"}
    assert classes >= {
        "semantic_search.Warm",
        "semantic_search.WholeProcess",
        "sentence_latency.Tokens16",
        "sentence_latency.Tokens128",
        "startup.Startup",
        "throughput.Throughput",
    }


def test_trackers_of_a_cell_share_one_run(
    project: Project, measured: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    progress = tmp_path / "progress"
    monkeypatch.setenv("EMCH_PROGRESS", str(progress))
    done = project.asv(
        *RUN, "--bench", r"(Tokens16|Startup)\..*\('?onnxruntime-int8'?[,)]", "HEAD^!"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    runs = [line.split()[1] for line in progress.read_text().splitlines()]
    assert sorted(run.split("-onnxruntime")[0] for run in runs) == ["sentence-encoding", "startup"]

    results = project.results(measured)
    latency = {
        name: only(results[f"sentence_latency.Tokens16.track_{name}"])
        for name in ("latency", "mean", "p90", "p95", "p99", "variance", "qps")
    }
    assert 0 < latency["latency"] <= latency["p90"] <= latency["p95"] <= latency["p99"]
    assert latency["qps"] * latency["mean"] == pytest.approx(1)
    startup = {
        name: only(results[f"startup.Startup.track_{name}"])
        for name in ("import", "load", "first_call", "memory_after_load", "artifact_size")
    }
    assert 0 < startup["import"] < startup["load"]
    assert 0 < startup["first_call"] < 60
    assert startup["memory_after_load"] > 2**20
    assert startup["artifact_size"] > 20 * 2**20


def test_installed_versions_are_recorded(project: Project, measured: str) -> None:
    path = project.folder / "results" / "installed" / f"{measured[:8]}-emch-tiny.txt"
    lines = path.read_text().splitlines()
    assert "onnxruntime==1.31.1" in lines
    assert any(line.startswith("filelock==") for line in lines)
    assert not any(line.startswith("emch") for line in lines)


def test_other_pins_are_not_mixed_into_measured_results(project: Project, measured: str) -> None:
    path = project.folder / "results" / "test" / f"{measured[:8]}-emch-tiny.json"
    honest = path.read_text()
    path.write_text(honest.replace('"onnxruntime": "1.31.1"', '"onnxruntime": "1.30.0"'))
    (env,) = (project.folder / ".asv" / "env").glob("*/asv-install-status.json")
    env.unlink()
    done = project.asv(*RUN, "--bench", f"Warm.*{CELL}", "HEAD^!")
    path.write_text(honest)
    assert done.returncode != 0
    assert "give the stack a new label" in done.stdout + done.stderr


def test_absent_engine_is_a_skip_with_its_reason(project: Project) -> None:
    done = project.asv(
        *RUN, "--dry-run", "--bench", r"Whole.*wall\('mini', 'pytorch', 16\)", "HEAD^!"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed" not in done.stdout
    assert "pip install 'emch[pytorch]'" in done.stdout + done.stderr


def test_wrong_answer_fails_the_cells(project: Project, measured: str) -> None:
    assert measured
    project.replace(ENGINE, ANSWER, "hidden: FloatArray = -self._network.run_for")
    wrong = project.commit("A backend that answers wrongly")
    done = project.asv(*RUN, "--bench", rf"(Warm.time|Whole.*wall).*{CELL}", "HEAD^!")
    project.git("reset", "--quiet", "--hard", "HEAD~1")
    assert done.returncode == 2
    assert "answers wrongly" in done.stdout
    results = project.results(wrong)
    assert value(results, "Warm.time_search") is None
    assert value(results, "WholeProcess.track_wall") is None
    for path in (project.folder / "results" / "test").glob(f"{wrong[:8]}-*.json"):
        path.unlink()


def test_slower_commit_is_a_regression(project: Project, measured: str) -> None:
    project.replace(
        ENGINE, "from typing import Any, ClassVar", "from typing import Any, ClassVar\nimport time"
    )
    project.replace(ENGINE, ANSWER, f"time.sleep(0.01)\n        {ANSWER}")
    slow = project.commit("A backend that sleeps")
    continuous = project.asv("continuous", "--machine", "test", "--bench", BATCH, measured, slow)
    assert continuous.returncode == 1, continuous.stdout + continuous.stderr
    assert "SOME BENCHMARKS HAVE CHANGED SIGNIFICANTLY" in continuous.stdout

    compare = project.asv("compare", "--machine", "test", measured, slow)
    assert compare.returncode == 0
    assert "Warm.time_batch" in compare.stdout
    assert "Warm.time_batch" in project.asv("show", "--machine", "test", slow).stdout

    assert project.asv("publish", "--no-pull").returncode == 0
    regressions = json.loads((project.folder / "html" / "regressions.json").read_text())
    assert any("Warm.time_batch" in entry[0] for entry in regressions["regressions"])


def site(project: Project, *options: str) -> subprocess.CompletedProcess[str]:
    return project.run(sys.executable, "-m", "emch.cli.main", "site", *options)


def test_site_prints_the_summary_and_writes_the_page(project: Project, measured: str) -> None:
    assert measured
    done = site(project, "--json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert row["backend"] == "onnxruntime-int8"
    assert row["ratio"] is None
    assert done.stdout == site(project, "--json", "--machine", "test").stdout
    other = site(project, "--machine", "other")
    assert other.returncode == 2
    assert other.stderr.splitlines() == ["emch: no results of the machine 'other' in results"]
    report = (project.folder / "html" / "report.html").read_text()
    assert "onnxruntime-int8" in report
    data = json.loads((project.folder / "html" / "emch" / "data.json").read_text())
    assert {series["metric"] for series in data["series"]} <= data["metrics"].keys()


def test_site_writes_the_report_and_markdown(project: Project, measured: str) -> None:
    assert measured
    done = site(project, "--markdown", "--report", "report.html")
    assert done.returncode == 0, done.stderr
    assert "| onnxruntime-int8 | " in done.stdout
    assert "### Changes with the newest commit" in done.stdout
    written = (project.folder / "report.html").read_text()
    assert written == (project.folder / "html" / "report.html").read_text()


def test_preview_serves_the_site(project: Project, measured: str) -> None:
    assert measured
    if not (project.folder / "html").is_dir():
        assert project.asv("publish", "--no-pull").returncode == 0
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "asv", "preview", "--port", str(port)],
        cwd=project.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert b"airspeed velocity" in fetch(f"http://127.0.0.1:{port}/index.html")
        assert b"hit rate" in fetch(f"http://127.0.0.1:{port}/report.html")
    finally:
        server.terminate()
        server.wait()


def fetch(url: str) -> bytes:
    """Return a page of a server that may still be starting."""
    for _ in range(50):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
                content: bytes = answer.read()
                return content
        except ConnectionError:
            time.sleep(0.2)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer")
