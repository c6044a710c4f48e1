"""How often `emch bisect` finds a slowdown that is planted in 30 commits.

    python -m evaluation.bisect_trials [--runs N] [--extra SHARE]

Each run makes 30 commits of the project `parsers`, of which one at a place drawn by lot does a
share of its work once more, and asks for the first slow commit.
"""

import argparse
import json
import random
import subprocess
import tempfile
import time
from pathlib import Path

from evaluation.projects import EMCH, PROJECTS, commit, commit_extra, git, make_project

COMMITS = 30
NAME = "parsers"
BENCH = r"Long.time_parse\(200, 'numbers'"
CONFIG = {
    "version": 1,
    "project": NAME,
    "project_url": "https://example.org",
    "repo": ".",
    "branches": ["main"],
    "benchmark_dir": "benchmarks",
    "plugins": [".emch.asv_plugin"],
    "environment_type": "emch",
    "env_dir": ".asv/env",
    "pythons": [],
    "include": [
        {
            "python": "3.11",
            "req": {"pip+asv_runner": "0.3.2"},
            "env_nobuild": {"EMCH_STACK": "bare"},
        }
    ],
}


def main() -> None:
    """Run the trials, and print each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--extra", type=float, default=0.1)
    chosen = parser.parse_args()
    rng = random.Random(1)  # noqa: S311 - a lot, not a secret
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / NAME
        make_project(NAME, folder)
        (folder / "asv.conf.json").write_text(json.dumps(CONFIG), encoding="utf-8")
        (folder / ".gitignore").write_text("/.asv/\n", encoding="utf-8")
        commit(folder, "configured")
        git(folder, "tag", "base")
        found = [trial(folder, rng.randrange(1, COMMITS), chosen.extra) for _ in range(chosen.runs)]
    print(f"{sum(found)} of {len(found)} found")


def trial(folder: Path, place: int, extra: float) -> bool:
    """Make the commits anew, and say whether the slow one is found."""
    git(folder, "reset", "--quiet", "--hard", "base")
    package = folder / PROJECTS[NAME].package
    for number in range(1, COMMITS + 1):
        if number == place:
            commit_extra(NAME, folder, extra)
        else:
            with package.open("a", encoding="utf-8") as stream:
                stream.write(f"# {number}\n")
            commit(folder, str(number))
    command = [str(EMCH), "bisect", "base", "HEAD", "--bench", BENCH]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.perf_counter() - start
    first = done.stdout.partition(" ")[0]
    listed = ["git", "rev-list", "--reverse", "base..HEAD"]
    hashes = subprocess.run(listed, cwd=folder, capture_output=True, text=True, check=True).stdout
    right = done.returncode == 0 and hashes.split()[place - 1] == first
    print(f"commit {place}: {'found' if right else done.stdout or 'not found'}, {seconds:.0f} s")
    return right


if __name__ == "__main__":
    main()
