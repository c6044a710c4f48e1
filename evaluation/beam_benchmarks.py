"""Beam's four RunInference benchmarks, on the embedded runner and on Flink, and better batches.

    python -m evaluation.beam_benchmarks RECORDS [--only WORD]

Each case is one call of `emch beam`, whose record is a line of the file RECORDS; a case that has
its line already is not run again. Flink's cluster is started for its cases and stopped after them.
The table of docs/findings/beam-benchmarks.md is printed from the lines.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from emch.metrics import METRICS
from emch.records import Record

IMAGES, SENTENCES = 500, 2_000
RESNETS = ("resnet101", "resnet152")
BERTS = ("bert-base-uncased", "bert-large-uncased")
COLUMNS = (
    "mean_requested_batch_size", "mean_batch_latency_s", "mean_model_load_s", "inputs_per_second",
    "elapsed_s", "peak_rss_bytes",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A call of `emch beam`; `words` is all of it but where the record goes."""

    words: tuple[str, ...]

    @property
    def name(self) -> str:
        """The words, which tell it from all others."""
        return " ".join(self.words)

    @property
    def on_flink(self) -> bool:
        """Whether it needs a cluster."""
        return "flink" in self.words

    def run(self) -> str:
        """Run it, and return its record as a line."""
        command = [sys.executable, "-m", "emch.cli.main", "beam", *self.words, "--json", "-"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def benchmark(model: str, count: int, *more: str) -> Case:
    """Return a case of one of Beam's models with random weights."""
    task = "image-classification" if model in RESNETS else "language-modeling"
    return Case((task, "--model", model, "--random-weights", "-n", str(count), *more))


def cases() -> Iterator[Case]:
    """Yield all cases, what matters most first."""
    sizes = {**dict.fromkeys(RESNETS, IMAGES), **dict.fromkeys(BERTS, SENTENCES)}
    one, two = ("--workers", "1"), ("--workers", "2")
    for where in (one, two, ("--runner", "flink", *two)):
        for model, count in sizes.items():
            yield benchmark(model, count, *where)
    sixteen = ("--min-batch-size", "16", "--max-batch-size", "16", *one)
    for model in BERTS:
        yield benchmark(model, SENTENCES, *sixteen, "--by-length")
        yield benchmark(model, SENTENCES, *sixteen)
    # Fewer inputs, for the model of scaling.
    for model in RESNETS:
        for count in (50, 150):
            yield benchmark(model, count, *one)
    for model in BERTS:
        for count in (100, 300):
            yield benchmark(model, count, *one)
            yield benchmark(model, count, *sixteen, "--by-length")
    for where in (one, two):
        for count in (500, 2_000, 10_000):
            words = ("sentence-encoding", "--backend", "onnxruntime", "-n", str(count), *where)
            yield Case((*words, "--by-length"))


def read(path: Path) -> dict[str, Record]:
    """Return the records that there are, by the names of their cases."""
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t", 1) for line in lines)
    return {name: Record.from_json(text) for name, text in pairs}


def measure(wanted: Sequence[Case], path: Path) -> None:
    """Run the cases that have no line yet."""
    done = read(path)
    running = False
    for case in wanted:
        if case.name in done:
            continue
        if case.on_flink != running:
            _flink("start" if case.on_flink else "stop")
            running = case.on_flink
        line = case.run()
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{case.name}\t{line}\n")
        print(case.name, flush=True)
    if running:
        _flink("stop")


def _flink(word: str) -> None:
    subprocess.run([sys.executable, "-m", "emch.cli.main", "beam", "flink", word], check=True)


def table(records: Sequence[Record]) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    headings = ["model", "runner", "workers", "inputs", "batches"]
    yield f"| {' | '.join([*headings, *(METRICS[name].label for name in COLUMNS)])} |"
    yield f"|{' --- |' * 2}{' ---: |' * (len(headings) + len(COLUMNS) - 2)}"
    for record in records:
        given = record.parameters
        least, most = given["min_batch_size"], given["batch_size"]
        size = f"{least}" if least == most else f"{least} to {most}"
        batches = f"{size}, by length" if given["by_length"] else size
        values = record.values()
        shown = [METRICS[name].show(values[name]) for name in COLUMNS]
        first = [record.model, given["runner"], given["workers"], f"{given['count']:,}", batches]
        yield f"| {' | '.join(map(str, [*first, *shown]))} |"


def main() -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.beam_benchmarks", description=__doc__
    )
    parser.add_argument("records", type=Path)
    parser.add_argument("--only", default="", help="cases that have this word in their names")
    arguments = parser.parse_args()
    wanted = [case for case in cases() if arguments.only in case.name]
    measure(wanted, arguments.records)
    found = read(arguments.records)
    print("\n".join(table([found[case.name] for case in wanted])))


if __name__ == "__main__":
    main()
