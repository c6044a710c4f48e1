"""A small copy of the project with one tiny stack, on which asv is run for real."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.stacks import ROOT, load_config

TINY = {
    "numpy": "2.4.6",
    "tokenizers": "0.22.2",
    "onnxruntime": "1.31.1",
    "pip+asv_runner": "0.3.2",
}
ENGINE = "emch/backends/onnxruntime/backend.py"
ANSWER = "hidden: FloatArray = self._network.run_for"
BATCH = r"Warm\.time_batch\('sentences-16', 'onnxruntime-int8', 1\)"


@dataclass
class Project:
    """A git repository with a copy of emch."""

    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """asv keeps its machines in the home folder; the caches stay where they are."""
        home = Path.home()
        own = {"XDG_CACHE_HOME": str(home / ".cache"), "XDG_CONFIG_HOME": str(home / ".config")}
        return {**own, **os.environ, "HOME": str(self.folder.parent)}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )

    def asv(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "asv", *arguments)

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
        done = self.run("git", *identity, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def results(self, commit: str) -> dict[str, list[float | None]]:
        """Return {benchmark: values of all cells} of a commit."""
        path = self.folder / "results" / "test" / f"{commit[:8]}-emch-tiny.json"
        return {name: row[0] for name, row in json.loads(path.read_text())["results"].items()}


def write_repo(folder: Path, files: dict[str, str]) -> Project:
    """Write the files of a repository of its own and commit them."""
    made = Project(folder)
    for name, text in files.items():
        (made.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (made.folder / name).write_text(text)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit("A package, and what measures it")
    return made


def make_project(folder: Path, pins: dict[str, str]) -> Project:
    """Copy the project into a folder, with one stack, and commit it."""
    made = Project(folder)
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, tracked):
        source = ROOT / name
        if name.startswith(("results/", "docs/")) or not source.is_file():
            continue
        (made.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (made.folder / name).write_bytes(source.read_bytes())
    config = {"version": 1, **vars(load_config())}
    config["include"] = [{"python": "3.11", "req": pins, "env_nobuild": {"EMCH_STACK": "tiny"}}]
    (made.folder / "asv.conf.json").write_text(json.dumps(config))
    made.git("init", "--quiet", "--initial-branch", "main")
    (made.folder / ".git" / "info" / "exclude").write_text("results/\n")
    made.commit("The project with a tiny stack")
    assert made.asv("machine", "--yes", "--machine", "test").returncode == 0
    return made


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("project"), TINY)
