"""GoMLX's own benchmarks of sentence encoding, beside XLA from Python and ONNX Runtime.

    python -m evaluation.gomlx [--rounds N] [--what WORD]

Sentences of 128 tokens at several batch sizes, the whole network and a part of it, from the tokens
to the output of the first layer; and batches of 32 titles of 13 tokens by several callers at once,
each with one thread. Each round measures every engine in a fresh process, one after another, and
begins with another one. Printed are the medians over the rounds of the median time of a call.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from emch.backends.native.program import Program
from emch.backends.onnxruntime.cut import PREFIXES, border
from emch.backends.registry import get_backend, make_options
from emch.measure.cpus import usable_cpus
from emch.models.artifacts import open_artifact
from emch.models.settings import read_settings
from emch.models.source import DEFAULT_MODEL
from emch.models.tokenizer import load_tokenizer
from emch.runners.contract.trial import Runner
from emch.runners.fresh_process import run
from emch.runners.job import Job
from emch.scenarios.callers import Limits, run_callers
from emch.tasks.sentence_encoding import SentenceEncoding

BATCH_SIZES = (1, 16, 32, 64)
CALLERS = (1, 2, 4)
CALLS, SECONDS, MOST_SECONDS = 5, 2.0, 8.0

Measure = Callable[[], float]
"""Measures once, and returns the median seconds of a call."""


@dataclass(frozen=True)
class Row:
    """A line of the table: what is measured, and how by each engine."""

    label: str
    batch_size: int
    engines: dict[str, Measure]


def encoding(dataset: str, batch_size: int, callers: int = 1) -> SentenceEncoding:
    """Return the task with the limits of this evaluation."""
    return SentenceEncoding(
        dataset=dataset, batch_size=batch_size, callers=callers,
        min_calls=CALLS, min_seconds=SECONDS, max_seconds=MOST_SECONDS,
    )  # fmt: skip


def whole(backend: str, task: SentenceEncoding, threads: int) -> Measure:
    """Return what measures the whole network by `emch run`."""

    def measure() -> float:
        options = make_options(backend, threads=threads, oversubscribe=True)
        job = Job(task=task, backend=backend, model=DEFAULT_MODEL, options=options)
        return median(run(job).samples["call_s"])

    return measure


def part_by_program(backend: str, task: SentenceEncoding, until: str) -> Measure:
    """Return what measures the network up to a node in a program."""
    program = get_backend(backend)
    assert issubclass(program, Program)  # noqa: S101 - it is one of ours
    runner = Runner(program.find(), DEFAULT_MODEL, backend)

    def measure() -> float:
        inputs = {
            "min_calls": CALLS, "min_seconds": SECONDS, "max_seconds": MOST_SECONDS,
            "batch_size": task.batch_size, "until": until, **arrays(task),
        }  # fmt: skip
        trial = runner.do(runner.job("sentence-encoding", **inputs))
        if trial.status:
            raise SystemExit(trial.said)
        return float(median(dict(trial.result["samples"])["call_s"]))

    return measure


def part_by_onnxruntime(task: SentenceEncoding, until: str) -> Measure:
    """Return what measures ONNX Runtime on a file that ends in that node."""

    def measure() -> float:
        import numpy as np
        import onnx
        import onnxruntime

        with TemporaryDirectory(prefix="emch-") as folder:
            path = Path(folder) / "part.onnx"
            names = [each.name for each in onnx.load(network()).graph.input]
            onnx.utils.extract_model(network(), path, names, [until])
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = usable_cpus()
            session = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        calls = []
        for batch in arrays(task)["batches"]:
            ids, mask = (np.array(batch[name]) for name in ("input_ids", "attention_mask"))
            feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids}
            taken = {each.name: feeds[each.name] for each in session.get_inputs()}
            calls.append(partial(session.run, None, taken))
        for call in calls * 2:
            call()
        (samples,) = run_callers([calls], Limits(CALLS, SECONDS, MOST_SECONDS)).call_s
        return median(samples)

    return measure


def network() -> Path:
    """Return the file of the network."""
    return open_artifact(DEFAULT_MODEL, "onnx").folder / "model.onnx"


def arrays(task: SentenceEncoding) -> Any:
    """Return the batches of a task, as JSON has them."""
    folder = open_artifact(DEFAULT_MODEL, "onnx").folder
    return task.for_program(load_tokenizer(folder), read_settings(folder))


def first_layer() -> str:
    """Return the output of the first layer."""
    import onnx

    (output,) = border(onnx.load(network()).graph, PREFIXES["layer"])[1]
    return output


def rows() -> Iterator[Row]:
    """Yield what is measured."""
    until, threads = first_layer(), usable_cpus()
    backends = ("gomlx-xla", "xla", "onnxruntime")
    for size in BATCH_SIZES:
        task = encoding("sentences-128", size)
        yield Row("whole", size, {name: whole(name, task, threads) for name in backends})
        yield Row(
            "first layer",
            size,
            {
                "gomlx-xla": part_by_program("gomlx-xla", task, until),
                "onnxruntime": part_by_onnxruntime(task, until),
            },
        )
    for callers in CALLERS:
        task = encoding("sentences-13", 32, callers)
        yield Row(
            f"titles, callers {callers}", 32, {name: whole(name, task, 1) for name in backends}
        )


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.gomlx", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--what", default="", help="the rows whose name begins so")
    asked = parser.parse_args()
    print("| what | batch | `gomlx-xla` | `xla` | `onnxruntime` |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for row in filter(lambda row: row.label.startswith(asked.what), rows()):
        found: dict[str, list[float]] = defaultdict(list)
        for turn in range(asked.rounds):
            names = list(row.engines)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                found[name].append(row.engines[name]())
        shown = [
            f"{median(found[name]) * 1e3:,.2f} ms" if name in found else "-"
            for name in ("gomlx-xla", "xla", "onnxruntime")
        ]
        print(f"| {row.label} | {row.batch_size} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
