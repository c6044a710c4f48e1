"""A project with made-up results, to try the site on: any number of commits, any shifts.

python evaluation/synthetic.py FOLDER [COMMITS]
"""

import datetime
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asv.results import Results
from asv.runner import BenchmarkResult

from emch.metrics import METRICS, metric_of

FIRST = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
NOISE = 0.02
"""Standard deviation of the logarithm of a time, from commit to commit."""

SAMPLES = 20
LEVELS = {
    "semantic_search.WholeProcess.track_wall": 10.0,
    "semantic_search.WholeProcess.track_peak_memory": 2e8,
    "semantic_search.WholeProcess.track_hitrate": 0.8,
    "semantic_search.WholeProcess.track_missrate": 0.2,
    "sentence_latency.Tokens128.track_latency": 0.02,
}
"""A benchmark of each kind, and about what it says."""

EXACT = ("track_hitrate", "track_missrate")
TIMES = (
    "semantic_search.WholeProcess.track_wall",
    "sentence_latency.Tokens128.track_latency",
)
SAMPLED = "sentence_latency.Tokens128.track_latency"

Shift = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Synthetic:
    """The size and the content of a made-up project.

    Attributes
    ----------
    commits : int
        The number of commits.
    backends, stacks : tuple of str
        The names; with 10 backends and one stack there are 50 series.
    machine : str
        The machine's name.
    shift : mapping of (benchmark method, backend) to float
        What a figure of the newest commits is multiplied by.
    shifted : int
        How many commits those are.
    slow_stack : str
        A stack in which everything takes half as long again.
    """

    commits: int
    backends: tuple[str, ...] = tuple(f"engine-{place}" for place in range(10))
    stacks: tuple[str, ...] = ("one",)
    machine: str = "synthetic"
    shift: Shift = field(default_factory=dict)
    shifted: int = 1
    slow_stack: str = ""

    def write(self, folder: Path) -> None:
        """Write the repository, the configuration and the results."""
        folder.mkdir(parents=True, exist_ok=True)
        results = folder / "results"
        (results / self.machine).mkdir(parents=True)
        (folder / "asv.conf.json").write_text(json.dumps(self._config()))
        benchmarks = {name: self._benchmark(name) for name in LEVELS}
        (results / "benchmarks.json").write_text(json.dumps({**benchmarks, "version": 2}))
        machine = json.dumps({**self._machine(), "version": 1})
        (results / self.machine / "machine.json").write_text(machine)
        rng = random.Random(0)  # noqa: S311 - made-up figures, not secrets
        for place, commit in enumerate(_make_commits(folder, self.commits)):
            for stack in self.stacks:
                self._results(rng, commit, place, stack).save(str(results))

    def _machine(self) -> dict[str, str]:
        facts = {"arch": "x86_64", "cpu": "none", "num_cpu": "2", "os": "Linux", "ram": "1"}
        return {"machine": self.machine, **facts}

    def _config(self) -> dict[str, Any]:
        include = [
            {
                "python": "3.11",
                "req": {"onnxruntime": f"1.{place}", "pip+asv_runner": "0.3.2"},
                "env_nobuild": {"EMCH_STACK": stack},
            }
            for place, stack in enumerate(self.stacks, start=1)
        ]
        return {
            "version": 1, "project": "synthetic", "project_url": "#", "repo": ".",
            "branches": ["main"], "plugins": [".emch.asv_plugin"], "environment_type": "emch",
            "pythons": [], "include": include, "results_dir": "results", "html_dir": "html",
            "regressions_first_commits": {
                name: None for name in LEVELS if METRICS[metric_of(name)].better == "higher"
            },
        }  # fmt: skip

    def _benchmark(self, name: str) -> dict[str, Any]:
        params = [[repr(backend) for backend in self.backends], ["16"]]
        names = ["backend", "batch_size"]
        if "WholeProcess" in name:
            params, names = [["'mini'"], *params], ["dataset", *names]
        return {
            "name": name, "code": "", "params": params, "param_names": names, "type": "track",
            "timeout": 60, "version": "1", "unit": METRICS[metric_of(name)].unit,
        }  # fmt: skip

    def _results(self, rng: random.Random, commit: str, place: int, stack: str) -> Results:
        date = int((FIRST + datetime.timedelta(hours=place)).timestamp() * 1000)
        pins = {"onnxruntime": f"1.{1 + self.stacks.index(stack)}"}
        params = {**self._machine(), "python": "3.11", **pins}
        env_vars = {"EMCH_STACK": stack}
        made = Results(params, pins, commit, date, "3.11", f"emch-{stack}", env_vars)
        for name, level in LEVELS.items():
            values = [
                self._value(rng, name, level * (1 + number / 10), backend, place)
                * (1.5 if stack == self.slow_stack and name in TIMES else 1)
                for number, backend in enumerate(self.backends)
            ]
            sampled: list[Any] = [None] * len(values)
            if name == SAMPLED:
                sampled = [_spread(rng, value) for value in values]
            numbers = [1 if samples else None for samples in sampled]
            result = BenchmarkResult(values, sampled, numbers, 0, "", None)
            made.add_result(self._benchmark(name), result, record_samples=True)
        return made

    def _value(
        self, rng: random.Random, name: str, level: float, backend: str, place: int
    ) -> float:
        method = name.rpartition(".")[2]
        if method in EXACT:
            level = LEVELS[name]
        else:
            level *= rng.lognormvariate(0, NOISE)
        newest = place >= self.commits - self.shifted
        return level * (self.shift.get((method, backend), 1.0) if newest else 1.0)


def _spread(rng: random.Random, value: float) -> list[float]:
    return [value * rng.lognormvariate(0, NOISE / 4) for _ in range(SAMPLES)]


def _make_commits(folder: Path, count: int) -> Iterator[str]:
    """Make empty commits, an hour from each other, and yield their hashes from the oldest."""
    git = ["git", "-C", str(folder)]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    stream = []
    for place in range(count):
        date = int(FIRST.timestamp()) + 3600 * place
        stream.append(f"commit refs/heads/main\nmark :{place + 1}\n")
        stream.append(f"committer made up <made@up> {date} +0000\ndata 1\nx\n")
        stream.append(f"from :{place}\n" if place else "")
    subprocess.run([*git, "fast-import", "--quiet"], input="".join(stream), text=True, check=True)
    listed = [*git, "rev-list", "--reverse", "main"]
    done = subprocess.run(listed, capture_output=True, text=True, check=True)
    yield from done.stdout.split()


if __name__ == "__main__":
    Synthetic(int(sys.argv[2]) if sys.argv[2:] else 1000).write(Path(sys.argv[1]))
