"""A repo that is not emch: its own package, one benchmark of it and one on `emch.suite`."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.asv.conftest import TINY, Project, write_repo
from tests.stacks import ROOT

pytestmark = pytest.mark.xdist_group("asv")  # the repo and its environments are made once

FILES = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "wordcount"
version = "1"
dependencies = ["sortedcontainers"]
""",
    "src/wordcount/__init__.py": """\
from collections import Counter

from sortedcontainers import SortedDict


def count(text):
    return SortedDict(Counter(text.split()))
""",
    "suite/__init__.py": "",
    "suite/counting.py": """\
from wordcount import count


def time_count():
    count("one two two three three three " * 500)
""",
    "suite/encoding.py": """\
from emch.suite import Recorded, SentenceEncoding, sampled, tracked


class Encoding(Recorded):
    params = (["onnxruntime-int8"], [1])
    param_names = ("backend", "batch_size")

    def cell(self, backend, batch_size):
        return SentenceEncoding(dataset="sentences-16", batch_size=batch_size), backend, None

    track_latency = sampled("median_s", samples="call_s")
    track_p99 = tracked("p99_s")
""",
    ".gitignore": "/.asv/\n/html/\n/results/\n__pycache__/\n",
}
STACKS = {"engine": TINY, "bare": {"pip+asv_runner": "0.3.2"}}
ENCODING = "encoding.Encoding"
DOCS = (ROOT / "docs" / "tracking.md").read_text()
CONFIG = {
    **json.loads(DOCS.partition("```json\n")[2].partition("```")[0]),
    "project": "wordcount",
    "benchmark_dir": "suite",
    "include": [
        {"python": "3.11", "req": pins, "env_nobuild": {"EMCH_STACK": label}}
        for label, pins in STACKS.items()
    ],
}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory, prepared_model: str) -> Project:  # noqa: ARG001
    files = {**FILES, "asv.conf.json": json.dumps(CONFIG)}
    return write_repo(tmp_path_factory.mktemp("home") / "wordcount", files)


def emch(repo: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = repo.run(sys.executable, "-m", "emch.cli.main", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def tracked(repo: Project) -> str:
    """Track the commit in both stacks; return what was said."""
    return emch(repo, "track", "--machine", "test").stderr


def results(repo: Project, label: str) -> dict[str, list[float | None]]:
    (path,) = (repo.folder / "results" / "test").glob(f"*-emch-{label}.json")
    return {name: row[0] for name, row in json.loads(path.read_text())["results"].items()}


def test_track_runs_what_has_a_backend_where_that_is_and_all_else_everywhere(
    repo: Project, tracked: str
) -> None:
    trackers = {f"{ENCODING}.track_latency", f"{ENCODING}.track_p99"}
    found = results(repo, "engine")
    assert found.keys() == {"counting.time_count", *trackers}
    assert all(cell and cell > 0 for cells in found.values() for cell in cells)
    assert results(repo, "bare").keys() == {"counting.time_count"}
    assert "onnxruntime-int8 in engine" in tracked
    assert "benchmarks without a backend in bare" in tracked


@pytest.mark.usefixtures("tracked")
def test_what_was_tracked_is_not_run_again(repo: Project) -> None:
    said = emch(repo, "track", "--machine", "test").stderr
    assert "benchmarking" not in said.lower()
    assert "Creating virtualenv" not in said


@pytest.mark.usefixtures("tracked")
def test_stacks_have_this_emch_and_their_notes_no_folder_of_this_machine(repo: Project) -> None:
    for label in STACKS:
        (note,) = (repo.folder / "results" / "installed").glob(f"*-emch-{label}.txt")
        lines = note.read_text().splitlines()
        assert any(line.startswith("emch==") for line in lines)
        assert any(line.startswith("sortedcontainers==") for line in lines)
        assert not [line for line in lines if "/" in line or line.startswith("wordcount")]
    where = "import emch.suite; print(emch.suite.__file__)"
    for python in (repo.folder / ".asv" / "env").glob("*/bin/python"):
        answer = subprocess.run(
            [python, "-I", "-c", where], capture_output=True, text=True, check=True
        )
        assert Path(answer.stdout.strip()).is_relative_to(ROOT)


def test_compare_times_the_package_of_each_side(repo: Project) -> None:
    repo.replace("src/wordcount/__init__.py", "text.split()", "(3 * text).split()")
    try:
        done = repo.run(
            sys.executable, "-m", "emch.cli.main", "compare", "HEAD", "--stack", "bare",
            "--budget", "60s", "--json", "found.json",
        )  # fmt: skip
    finally:
        repo.git("checkout", "--", "src")
    assert done.returncode == 1, done.stdout + done.stderr
    findings = json.loads((repo.folder / "found.json").read_text())["findings"]
    verdicts = {(each["cell"], each["what"]): each["verdict"] for each in findings}
    assert verdicts["counting.time_count", "time"] == "slower"


@pytest.mark.usefixtures("tracked")
def test_site_is_published_and_opens_with_what_is_there(repo: Project) -> None:
    done = emch(repo, "site")
    assert "No results of semantic_search.WholeProcess" in done.stdout
    data = json.loads((repo.folder / "html" / "emch" / "data.json").read_text())
    assert data["openings"]["latency"] == {
        "class": "encoding.Encoding",
        "params": {"batch_size": "1"},
    }
    assert {each["stack"] for each in data["series"]} == STACKS.keys()
    assert json.loads(emch(repo, "site", "--json").stdout) == []
    assert "### Changes" in emch(repo, "site", "--markdown").stdout


@pytest.mark.usefixtures("tracked")
def test_other_verbs_need_no_file_of_emch(repo: Project) -> None:
    (repo.folder / "pyproject.toml").rename(repo.folder / "aside")
    try:
        stacks = json.loads(emch(repo, "list", "stacks", "--json").stdout)["stacks"]
        export = repo.run(sys.executable, "-m", "emch.cli.main", "export", "csv")
    finally:
        (repo.folder / "aside").rename(repo.folder / "pyproject.toml")
    assert "onnxruntime-int8" in stacks["engine"]["backends"]
    assert stacks["bare"]["backends"] == []
    assert export.returncode == 0, export.stderr
    rows = list(csv.DictReader(export.stdout.splitlines()))
    assert {row["benchmark"] for row in rows} >= {"counting.time_count", f"{ENCODING}.track_p99"}
    assert {row["backend"] for row in rows} == {"", "onnxruntime-int8"}
