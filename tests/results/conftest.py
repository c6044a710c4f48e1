"""Small git repositories with made-up results, and the command `emch` in them."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evaluation.synthetic import Synthetic
from tests.stacks import ROOT

READERS = {
    "table": ("site",),
    "json": ("site", "--json"),
    "markdown": ("site", "--markdown"),
    "report": ("site", "--report", "sent.html"),
    "csv": ("export", "csv"),
    "latencies": ("export", "latencies"),
    "releases": ("export", "releases", "onnxruntime", "--machine", "synthetic"),
    "backends": ("export", "backends", "--machine", "synthetic"),
    "history": ("compare", "--history"),
}
"""Every command that reads results over commits."""

FEW = {name: READERS[name] for name in ("table", "csv", "history")}
"""One of each verb, for what happens before they go their ways."""


@dataclass
class Repository:
    """A project with eight commits on main, all of them measured; the newest has fewer hits.

    Attributes
    ----------
    folder : Path
        The root of the project.
    """

    folder: Path

    def emch(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Call `emch` in the root."""
        command = [sys.executable, "-m", "emch.cli.main", *arguments]
        env = {**os.environ, **environment}
        return subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )

    def fails(self, code: int, *arguments: str, **environment: str) -> str:
        """Call `emch`, which must end with a code and one sentence; return the sentence."""
        done = self.emch(*arguments, **environment)
        assert done.returncode == code, done.stdout + done.stderr
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert line.startswith("emch: ")
        return line

    def git(self, *arguments: str, **environment: str) -> str:
        """Call git; return what it prints."""
        identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
        command = ["git", *identity, *arguments]
        env = {**os.environ, **environment}
        done = subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def hash_of(self, name: str) -> str:
        """Return the hash of a commit."""
        return self.git("rev-parse", name)

    def commit(self, **environment: str) -> str:
        """Add a commit, an hour after those of main unless told otherwise; return its hash."""
        dates = {"GIT_AUTHOR_DATE": LATER, "GIT_COMMITTER_DATE": LATER, **environment}
        self.git("commit", "--quiet", "--allow-empty", "--message", "x", **dates)
        return self.hash_of("HEAD")

    def measure(self, commit: str) -> None:
        """Write results of a commit: those of its parent but for the hash and the date."""
        parent = self.hash_of(f"{commit}~1")
        found = json.loads(self.results(parent).read_text())
        found["commit_hash"] = commit
        found["date"] = 1000 * int(self.git("show", "--no-patch", "--format=%at", commit))
        self.results(commit).write_text(json.dumps(found))

    def lose(self) -> str:
        """Take the newest commit off main, as a rebase does, and return its hash."""
        lost = self.hash_of("main")
        self.git("reset", "--quiet", "--hard", "HEAD~1")
        return lost

    def table(self) -> set[str]:
        """Return the commits in the table of `emch site`, which publishes too."""
        done = self.emch("site", "--json")
        assert done.returncode == 0, done.stderr
        return {row["commit"] for row in json.loads(done.stdout)}

    def data(self) -> dict[str, Any]:
        """Return what the pages that were published read."""
        text = (self.folder / "html" / "emch" / "data.json").read_text()
        data: dict[str, Any] = json.loads(text)
        return data

    def results(self, commit: str) -> Path:
        """Return the file of a commit's results."""
        return self.folder / "results" / "synthetic" / f"{commit[:8]}-emch-onnxruntime-1.json"


LATER = "2024-01-01T08:00:00Z"
"""An hour after the last commit that `Synthetic` makes."""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    fewer = {("track_hitrate", "onnxruntime"): 0.5}
    made = Repository(tmp_path / "project")
    backends = ("onnxruntime", "pytorch")
    Synthetic(8, backends, stacks=("onnxruntime-1",), shift=fewer).write(made.folder)
    shutil.copy(ROOT / "pyproject.toml", made.folder)
    return made
