"""The throughput that `emch bench` measures, beside what other benchmarks of an engine measure.

    python -m evaluation.beside MODEL [--deepsparse PYTHON] [--seconds S] [--rounds N]

MODEL is an ONNX file that takes tokens. The others are `deepsparse.benchmark`, in an environment of
its own whose Python is named, where emch's core is installed too; OpenVINO's `benchmark_app`; and a
bare loop around ONNX Runtime's session. Each pair is of the same engine, model, shapes, scenario
and time, in the same environment, and their order changes from round to round. Printed is the
geometric mean of the ratios of throughputs, emch's over the other's, with its 95 % interval.
"""

import argparse
import csv
import io
import json
import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.ratios import ratio

TOKENS = 128
WARMUP_S = 1.0

BARE = f"""
import sys, time
import numpy, onnxruntime
path, seconds, threads = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
feeds = dict.fromkeys((each.name for each in session.get_inputs()),
                      numpy.ones((1, {TOKENS}), numpy.int64))
end = time.perf_counter() + 1
while time.perf_counter() < end:
    session.run(None, feeds)
calls, start = 0, time.perf_counter()
while time.perf_counter() < start + seconds:
    session.run(None, feeds)
    calls += 1
print("items_per_second", calls / (time.perf_counter() - start))
"""


@dataclass(frozen=True)
class Pair:
    """Two benchmarks of the same thing.

    Attributes
    ----------
    name : str
        What the other one is.
    ours, theirs : callable
        Each measures once and returns the items per second.
    """

    name: str
    ours: Callable[[], float]
    theirs: Callable[[], float]


def pairs(model: Path, seconds: float, threads: int, deepsparse: Path | None) -> list[Pair]:
    """Return what is compared."""
    inputs = _inputs(model)
    shapes = ",".join([f"[1,{TOKENS}]"] * inputs)
    found = []
    if deepsparse is not None:
        for engine in ("onnxruntime", "deepsparse"):
            for scenario in ("sync", "async"):
                common = [
                    str(model), "-b", "1", "-shapes", shapes, "-s", scenario, "-e", engine,
                    "-t", f"{seconds:g}", "-w", f"{WARMUP_S:g}", "-ncores", str(threads), "-q",
                ]  # fmt: skip
                found.append(
                    Pair(
                        f"deepsparse.benchmark -e {engine} -s {scenario}",
                        _emch(deepsparse, common),
                        _deepsparse(deepsparse, common),
                    )
                )
    here = Path(sys.executable)
    sync = [
        str(model), "-b", "1", "-shapes", shapes, "-s", "sync",
        "-t", f"{seconds:g}", "-w", f"{WARMUP_S:g}", "-ncores", str(threads), "-q",
    ]  # fmt: skip
    named = ",".join(f"{name}[1,{TOKENS}]" for name in _names(model))
    app = [
        str(here.with_name("benchmark_app")), "-m", str(model), "-hint", "none", "-d", "CPU",
        "-api", "sync", "-nstreams", "1", "-nthreads", str(threads), "-t", f"{math.ceil(seconds)}",
        "-shape", named,
    ]  # fmt: skip
    found.append(
        Pair(
            "OpenVINO's benchmark_app, sync",
            _emch(here, [*sync, "-e", "openvino"]),
            _printing(app, r"Throughput:\s+([\d.]+) FPS"),
        )
    )
    bare = [str(here), "-c", BARE, str(model), f"{seconds:g}", str(threads)]
    found.append(
        Pair(
            "a bare loop around ONNX Runtime",
            _emch(here, [*sync, "-e", "onnxruntime"]),
            _printing(bare, r"items_per_second ([\d.]+)"),
        )
    )
    return found


def _inputs(model: Path) -> int:
    return len(_names(model))


def _names(model: Path) -> list[str]:
    from emch.bench.signature import read_onnx

    return [each.name for each in read_onnx(model).inputs]


def _emch(python: Path, arguments: Sequence[str]) -> Callable[[], float]:
    def measure() -> float:
        command = [str(python), "-m", "emch.cli.main", "bench", *arguments, "--csv", "-"]
        (row,) = csv.DictReader(io.StringIO(_run(command)))
        return float(row["items_per_second"])

    return measure


def _deepsparse(python: Path, arguments: Sequence[str]) -> Callable[[], float]:
    def measure() -> float:
        with tempfile.TemporaryDirectory(prefix="emch-") as folder:
            # It writes the shapes into the file that it is given, so it gets a copy.
            model, *rest = arguments
            copy = Path(folder) / "model.onnx"
            copy.write_bytes(Path(model).read_bytes())
            target = Path(folder) / "found.json"
            program = str(python.with_name("deepsparse.benchmark"))
            _run([program, str(copy), *rest, "-x", str(target)])
            found = json.loads(target.read_text())
        return float(found["benchmark_result"]["items_per_sec"])

    return measure


def _printing(command: Sequence[str], pattern: str) -> Callable[[], float]:
    def measure() -> float:
        (found,) = re.findall(pattern, _run(command))
        return float(found)

    return measure


def _run(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def measured(pair: Pair, rounds: int) -> tuple[float, float, float]:
    """Measure a pair some times; return the mean ratio and its interval."""
    logs = []
    for turn in range(rounds):
        if turn % 2:
            theirs, ours = pair.theirs(), pair.ours()
        else:
            ours, theirs = pair.ours(), pair.theirs()
        logs.append(math.log(ours / theirs))
    return ratio(logs)


def main() -> None:
    """Read the command line and print a row for each pair."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.beside", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--deepsparse", type=Path, metavar="PYTHON")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    print("| beside | emch / other | 95 % interval |\n| --- | ---: | --- |")
    for pair in pairs(asked.model.absolute(), asked.seconds, asked.threads, asked.deepsparse):
        mean, low, high = measured(pair, asked.rounds)
        print(f"| {pair.name} | {mean:.3f} | {low:.3f} to {high:.3f} |", flush=True)


if __name__ == "__main__":
    main()
