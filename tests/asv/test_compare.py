"""`emch compare` on a real engine: a commit with the working tree, in an environment of asv."""

import json
import subprocess
import sys

import pytest

from emch.compare.calibration import read_noise
from tests.asv.conftest import ANSWER, BATCH, ENGINE, Project

pytestmark = pytest.mark.xdist_group("asv")  # the project and its environment are made once


def compare(project: Project, *options: str) -> subprocess.CompletedProcess[str]:
    chosen = ("--stack", "tiny", "--bench", BATCH, "--budget", "45s", "--json", "found.json")
    return project.run(sys.executable, "-m", "emch.cli.main", "compare", "HEAD", *chosen, *options)


def test_commit_is_not_compared_with_itself(project: Project) -> None:
    done = compare(project)
    assert done.returncode == 0, done.stderr
    assert "have the same code and the same packages, so there is nothing to tell" in done.stderr
    assert json.loads((project.folder / "found.json").read_text())["findings"] == []


def findings(project: Project) -> dict[str, dict[str, object]]:
    found = json.loads((project.folder / "found.json").read_text())["findings"]
    return {finding["what"]: finding for finding in found}


@pytest.fixture(scope="module")
def compared(project: Project) -> subprocess.CompletedProcess[str]:
    """Compare identical code; what was found and the state stay for the tests."""
    return compare(project, "--anyway", "--markdown", "found.md")


def test_identical_code_is_compared_in_all_that_there_is(
    project: Project, compared: subprocess.CompletedProcess[str]
) -> None:
    assert compared.returncode in (0, 1), compared.stderr  # 1 would be a false alarm of its timing
    found = findings(project)
    assert found.keys() == {"time", "load", "memory", "answers"}
    assert found["answers"]["verdict"] == "same"
    assert "| sentence_latency.Warm.time_batch(" in (project.folder / "found.md").read_text()
    kept = "noise by 'emch doctor --noise' of"  # where whoever runs this has called it
    unknown = "the noise of this machine is not known"
    assert (kept if read_noise() else unknown) in compared.stderr


@pytest.mark.usefixtures("compared")
def test_resume_goes_on_with_the_same_code(project: Project) -> None:
    first = findings(project)
    compare(project, "--anyway", "--resume")
    assert findings(project) == first


@pytest.mark.usefixtures("compared")
def test_other_code_is_measured_anew_and_its_accuracy_is_a_finding(project: Project) -> None:
    first = findings(project)
    project.replace(ENGINE, ANSWER, "hidden: FloatArray = 0.01 + self._network.run_for")
    try:
        compare(project, "--resume")
    finally:
        project.git("checkout", "--", ENGINE)
    found = findings(project)
    assert found["time"]["ratio"] != first["time"]["ratio"]
    assert found["answers"]["verdict"] == "changed"


def test_budget_that_is_too_small_is_refused(project: Project) -> None:
    done = compare(project, "--anyway", "--budget", "9s")
    assert done.returncode == 2
    assert "a budget of 9 s is too small" in done.stderr


def test_side_that_broke_does_not_hide_the_rest(project: Project) -> None:
    project.replace(ENGINE, ANSWER, "raise OSError('out of order')\n        self._network.run_for")
    try:
        done = compare(project)
    finally:
        project.git("checkout", "--", ENGINE)
    assert done.returncode == 1
    assert findings(project)["time"]["verdict"] == "broke"
    assert "out of order" in done.stdout
