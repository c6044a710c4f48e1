"""A backend in a package of its own, with no file of emch touched: doctor, run, asv, dashboard."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.records import Record
from tests.asv.conftest import Project, make_project
from tests.outside import CLASS, NAME, write_package, write_wheel

PINS = {
    "numpy": "2.4.6",
    "tokenizers": "0.22.2",
    "tiny-engine": "0.1",
    "pip+asv_runner": "0.3.2",
}
SUITE = f'''\
"""A benchmark of the user's own."""

from emch.suite import Recorded, SemanticSearch, sampled, tracked


class Search(Recorded):
    params = (["{NAME}"], [16])
    param_names = ("backend", "batch_size")

    def cell(self, backend, batch_size):
        return SemanticSearch(dataset="mini", batch_size=batch_size), backend, None

    track_wall = sampled("wall_s")
    track_hitrate = tracked("hit_rate")
    track_flop_per_second = tracked("flop_per_second")
'''

Emch = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def emch(tmp_path: Path) -> Emch:
    """Return a runner of `emch` beside which the package is installed."""
    path = os.pathsep.join(
        [str(write_package(tmp_path / "site")), os.environ.get("PYTHONPATH", "")]
    )

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "emch.cli.main", *arguments],
            env={**os.environ, "PYTHONPATH": path, "EMCH_CACHE": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.parametrize("backend", [NAME, CLASS])
def test_doctor_holds_it_against_the_contract(emch: Emch, backend: str) -> None:
    done = emch("doctor", "--backend", backend)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fails" not in done.stdout
    assert f"{backend} brings its own model" in done.stdout


@pytest.mark.parametrize("backend", [NAME, CLASS])
def test_run_reports_it(emch: Emch, backend: str) -> None:
    done = emch("run", "semantic-search", "--backend", backend, "--json", "-")
    assert done.returncode == 0, done.stderr
    record = Record.from_json(done.stdout)
    assert (record.backend, record.counts["queries"]) == (backend, 120)
    assert record.session["library"] == "tiny-engine 0.1"
    assert record.versions["tiny-engine"] == "0.1"


@pytest.mark.parametrize("backend", [NAME, CLASS])
def test_its_own_option_is_an_option_of_the_command_line(emch: Emch, backend: str) -> None:
    run = ("run", "semantic-search", f"--backend={backend}", "--json", "-")
    record = Record.from_json(emch(*run, "--shade", "3").stdout)
    assert (record.options["shade"], record.session["shade"]) == (3, 3)
    assert "provider" not in record.options
    wrong = emch(*run, "--shade", "dark")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "'--shade': 'dark'" in wrong.stderr
    other = emch("run", "semantic-search", "--backend", "stub", "--shade", "3")
    assert (other.returncode, other.stdout) == (2, "")


def test_list_has_it_by_its_name(emch: Emch) -> None:
    row = json.loads(emch("list", "--json").stdout)["backends"][NAME]
    assert row == {"precision": "fp32", "artifact": "tiny", "state": "ready"}


def test_fault_of_it_ends_with_1_and_a_sentence(emch: Emch, tmp_path: Path) -> None:
    write_package(tmp_path / "site", **{"threads=options.threads": "threads=7"})
    done = emch("doctor", "--backend", NAME)
    assert done.returncode == 3
    assert "was asked for threads 2 and uses 7" in done.stderr
    write_package(tmp_path / "site", **{"input_ids[:, :, None]": "input_ids[::-1, :, None]"})
    done = emch("doctor", "--backend", NAME)
    assert done.returncode == 1
    assert "come back as" in done.stdout


def test_asv_measures_it_and_the_dashboard_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_FIND_LINKS", str(write_wheel(tmp_path)))
    monkeypatch.setenv("EMCH_CACHE", str(tmp_path / "cache"))
    project: Project = make_project(tmp_path / "project", PINS)
    (project.folder / "benchmarks" / "own.py").write_text(SUITE)
    commit = project.commit("A benchmark of the user's own")
    assert project.git("show", "--name-only", "--format=") == "benchmarks/own.py"
    done = project.asv("run", "--machine", "test", "--show-stderr", "--bench", "own", "HEAD^!")
    assert done.returncode == 0, done.stdout + done.stderr
    results = project.results(commit)
    (hit_rate,) = results["own.Search.track_hitrate"]
    assert hit_rate is not None
    assert 0 < hit_rate < 1
    published = project.asv("publish", "--no-pull")
    assert published.returncode == 0, published.stdout + published.stderr
    data = json.loads((project.folder / "html" / "emch" / "data.json").read_text())
    shown = {series["metric"] for series in data["series"] if NAME in str(series["params"])}
    assert shown == {"wall_s", "hit_rate", "flop_per_second"}
