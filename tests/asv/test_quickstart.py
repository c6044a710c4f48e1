"""A repo of somebody's from `emch quickstart` to a verdict and a dashboard, by a wheel."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from emch.tracking.environment import find_uv
from emch.tracking.quickstart import render
from emch.tracking.quickstart.repo import Repo as RepoFacts
from emch.tracking.quickstart.subject import make_subject
from evaluation.tiny_models import make_model
from tests.asv.conftest import Project, write_repo
from tests.stacks import ROOT

CODE = """\
def encode(texts):
    return [[len(text), sum(map(ord, text))] for text in texts]
"""
SLOWER = CODE.replace("sum(map(ord, text))", "sum(map(ord, text * 4)) / 4")
FILES = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "myenc"
version = "1"
""",
    "src/myenc/__init__.py": CODE,
    "README.md": "# Mine\n",
}
FUNCTION = "myenc:encode"

pytestmark = pytest.mark.xdist_group("quickstart")


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a wheel of this emch into an environment that has the packages of the one here."""
    folder = tmp_path_factory.mktemp("installed")
    uv, source = str(find_uv()), folder / "source"
    # setuptools leaves files beside what it builds.
    shutil.copytree(ROOT / "emch", source / "emch", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", folder, source], check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    (wheel,) = folder.glob("emch-*.whl")
    subprocess.run([uv, "pip", "install", "-q", "--no-deps", "--python", python, wheel], check=True)
    packages = sysconfig.get_paths(vars={"base": str(folder / "venv")})["purelib"]
    Path(packages, "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return python.parent


class Repo(Project):
    """A repository of somebody's, where the installed emch is called."""

    bin: Path
    cache: Path | None = None

    @property
    def env(self) -> dict[str, str]:
        own = {"EMCH_CACHE": str(self.cache)} if self.cache else {}
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        path += f"{os.pathsep}{Path(sys.executable).parent}"  # asv is not installed anew
        found = {**super().env, **own, "PATH": path, "GIT_CONFIG_COUNT": "2"}
        for place, (key, value) in enumerate({"user.name": "me", "user.email": "me@here"}.items()):
            found |= {f"GIT_CONFIG_KEY_{place}": key, f"GIT_CONFIG_VALUE_{place}": value}
        found.pop("PYTHONPATH", None)
        return found

    def emch(self, *arguments: str, code: int = 0) -> str:
        done = self.run(str(self.bin / "emch"), *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


def make_repo(folder: Path, bin_folder: Path, cache: Path | None) -> Repo:
    repo = Repo(write_repo(folder, FILES).folder)
    repo.bin, repo.cache = bin_folder, cache
    return repo


@pytest.fixture(scope="module")
def repo(bin_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Track a function and the stub in a repository whose path has a space."""
    home = tmp_path_factory.mktemp("home")
    made = make_repo(home / "my repo", bin_folder, home / "cache")
    made.emch("quickstart", "--backend", "stub", "--callable", FUNCTION)
    made.commit("Track it with emch")
    made.emch("track", "--machine", "test", "--bench", "WholeProcess")
    return made


def test_emch_is_that_of_the_wheel(repo: Repo) -> None:
    where = repo.run(str(repo.bin / "python"), "-P", "-c", "import emch; print(emch.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(repo.bin.parent)


def test_commit_is_tracked_with_its_answers_held_against_the_first(repo: Repo) -> None:
    (path,) = (repo.folder / "results" / "test").glob("*-emch-current.json")
    results = json.loads(path.read_text())["results"]
    cosine = results["semantic_search.WholeProcess.track_cosine"][0]
    assert cosine[0] == pytest.approx(1.0)  # the function's; the stub has no reference
    walls = results["semantic_search.WholeProcess.track_wall"][0]
    assert all(wall > 0 for wall in walls)


def test_other_answers_are_no_figures(repo: Repo) -> None:
    repo.replace("src/myenc/__init__.py", "[len(text), ", "[-len(text), -")
    repo.git("commit", "--quiet", "--all", "--message", "Wrong")
    again = ("quickstart", "--backend", "stub", "--callable", FUNCTION)
    done = repo.run(str(repo.bin / "emch"), *again)
    assert done.returncode == 1
    assert "does not answer as it did first" in done.stderr
    repo.git("reset", "--quiet", "--hard", "HEAD~1")


def test_dashboard_is_published(repo: Repo) -> None:
    shown = repo.emch("site", "--markdown")
    assert "### mini, stack current, machine test" in shown
    assert f"| {FUNCTION} | 16 |" in shown


def steps(repo: Repo, job: str) -> dict[str, str]:
    """Return the shell steps of a job of the workflow for GitHub, by name."""
    text = (repo.folder / ".github" / "workflows" / "emch.yml").read_text()
    found = yaml.safe_load(text)["jobs"][job]["steps"]
    return {each["name"]: each["run"] for each in found if "name" in each}


def shell(repo: Repo, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],  # as GitHub does it
        cwd=repo.folder, env={**repo.env, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def origin(repo: Repo) -> Path:
    """Give the repository an origin, and a slower commit on top of what that has as its base."""
    repo.git("branch", "base")
    repo.replace("src/myenc/__init__.py", CODE, SLOWER)
    repo.commit("Slower")
    folder = repo.folder.parent / "origin.git"
    repo.git("clone", "--quiet", "--bare", str(repo.folder), str(folder))
    repo.git("remote", "add", "origin", str(folder))
    repo.git("fetch", "--quiet", "origin")
    return folder


@pytest.mark.usefixtures("origin")
def test_workflow_compares_a_pull_request_with_its_base(repo: Repo) -> None:
    run = steps(repo, "compare")
    assert "time_.*myenc:encode" in run["Compare"]
    done = shell(repo, run["Compare"], GITHUB_BASE_REF="base")
    assert done.returncode == 1, done.stdout + done.stderr
    findings = json.loads((repo.folder / "emch.json").read_text())["findings"]
    found = {each["what"]: each["verdict"] for each in findings}
    assert (found["time"], found["hit rate"]) == ("slower", "same")
    asked = repo.folder.parent / "bin"
    asked.mkdir()
    (asked / "gh").write_text('#!/bin/sh\necho "$@" > "$GITHUB_STEP_SUMMARY.gh"\n')
    (asked / "gh").chmod(0o755)
    summary = repo.folder.parent / "summary"
    path = f"{asked}{os.pathsep}{repo.env['PATH']}"
    done = shell(repo, run["Say it"], GITHUB_STEP_SUMMARY=str(summary), PR="7", PATH=path)
    assert done.returncode == 0, done.stderr
    assert summary.read_text() == (repo.folder / "emch.md").read_text()
    assert summary.with_suffix(".gh").read_text() == "pr comment 7 --body-file emch.md\n"


@pytest.mark.usefixtures("origin")
def test_workflow_passes_where_the_base_has_no_benchmarks(repo: Repo) -> None:
    first = repo.git("rev-list", "--max-parents=0", "HEAD")
    repo.git("update-ref", "refs/remotes/origin/old", first)
    done = shell(repo, steps(repo, "compare")["Compare"], GITHUB_BASE_REF="old")
    assert (done.returncode, done.stdout) == (0, "the base has no benchmarks\n")


def test_workflow_keeps_results_on_a_branch_and_publishes(repo: Repo, origin: Path) -> None:
    run = steps(repo, "track")
    for _ in range(2):  # there is no such branch the first time
        clone = repo.folder.parent / "runner"
        repo.git("clone", "--quiet", str(origin), str(clone))
        there = Repo(clone)
        there.bin, there.cache = repo.bin, repo.cache
        track = f"{run['Track']} --bench track_wall"
        for script in (run["Fetch the results"], track, run["Keep the results"], run["Publish"]):
            done = shell(there, script, GITHUB_SHA=there.git("rev-parse", "HEAD"))
            assert done.returncode == 0, script + done.stdout + done.stderr
        assert (clone / "emch.html").stat().st_size > 100_000
        subprocess.run(["rm", "-rf", str(clone)], check=True)
    kept = repo.git("--git-dir", str(origin), "ls-tree", "-r", "--name-only", "emch-results")
    assert re.search(r"^results/github/[0-9a-f]{8}-emch-current\.json$", kept, re.MULTILINE)
    assert all(line.startswith("results/") for line in kept.splitlines())
    site = repo.git("--git-dir", str(origin), "ls-tree", "--name-only", "gh-pages")
    assert {"index.html", "report.html"} <= {*site.splitlines()}


def test_script_of_gitlab_does_the_same(repo: Repo, origin: Path) -> None:
    there = RepoFacts(repo.folder, "main")
    subject = make_subject("all-MiniLM-L6-v2", "all-MiniLM-L6-v2", None, None, function=FUNCTION)
    jobs = yaml.safe_load(render.workflow("gitlab", subject, there))
    compare, track = ("\n".join(jobs[job]["script"]) for job in ("emch-compare", "emch-track"))
    first = repo.git("rev-list", "--max-parents=0", "HEAD")
    done = shell(repo, compare, CI_MERGE_REQUEST_DIFF_BASE_SHA=first)
    assert (done.returncode, done.stdout) == (0, "the base has no benchmarks\n")
    assert "HEAD --bench 'time_.*myenc:encode' --budget" in compare
    track = track.replace("--machine gitlab", "--machine gitlab --bench track_wall")
    done = shell(repo, track, CI_COMMIT_SHA="of the commit", EMCH_PUSH_URL=str(origin))
    assert done.returncode == 0, done.stdout + done.stderr
    kept = repo.git("--git-dir", str(origin), "ls-tree", "-r", "--name-only", "emch-results")
    assert "results/gitlab/machine.json" in kept


def test_own_model_on_a_real_engine(
    bin_folder: Path, tmp_path: Path, require: Callable[[object, str], None]
) -> None:
    """A model that is not MiniLM: another size and vocabulary, the first token for pooling."""
    for module in ("sentence_transformers", "onnx", "onnxruntime"):
        require(find_spec(module), "pip install 'emch[prepare]'")
    repo = make_repo(tmp_path / "mine", bin_folder, tmp_path / "cache")
    make_model(repo.folder / "model", pooling={"pooling_mode": "cls"})
    repo.commit("A model")
    shown = repo.emch("quickstart", "model", "--backend", "onnxruntime")
    assert "1.000000" in shown
    assert (
        'MODEL = str(ROOT / "model")'
        in (repo.folder / "benchmarks" / "semantic_search.py").read_text()
    )
    repo.commit("Track it with emch")
    repo.emch("track", "--machine", "test", "--bench", "track_(wall|cosine|hitrate|peak_memory)")
    assert "| onnxruntime | 16 |" in repo.emch("site", "--markdown")
