"""What Python costs: the same engine from Python and from another language, in alternation.

    python -m evaluation.languages [--dataset NAME] [--batch-sizes 1,2,...] [--rounds N]

Each round runs a search in a fresh process with each backend of a pair, at each batch size, and
the order within a pair changes from round to round. Printed are the medians of wall, user and
kernel time, CPU and peak memory, as the Emch study has them, and the geometric mean of the ratios
of wall time and of peak memory, the second over the first, with its 95 % interval.
"""

import argparse
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from statistics import median

from emch.backends.registry import make_options, resolve_model_for
from emch.measure.cpus import usable_cpus
from emch.metrics import METRICS
from emch.models.source import DEFAULT_MODEL
from emch.runners.fresh_process import run
from emch.runners.job import Job
from emch.tasks.semantic_search import SemanticSearch
from evaluation.ratios import ratio

PAIRS = (
    ("onnxruntime", "rust-onnxruntime"),
    ("onnxruntime-int8", "rust-onnxruntime-int8"),
)
BATCH_SIZES = (1, 2, 4, 8, 16, 64)
SHOWN = ("wall_s", "user_s", "kernel_s", "cpu_percent", "peak_rss_bytes", "hit_rate")
COMPARED = ("wall_s", "peak_rss_bytes")

Values = Mapping[str, float]


def measure(backend: str, dataset: str, batch_size: int) -> Values:
    """Search once in a fresh process, and return the values of the record."""
    task = SemanticSearch(dataset=dataset, batch_size=batch_size)
    options = make_options(backend, threads=usable_cpus())
    task.require_inputs(options)
    model = resolve_model_for(backend, DEFAULT_MODEL)
    return run(Job(task=task, backend=backend, model=model, options=options)).values()


def rows(dataset: str, batch_sizes: Sequence[int], rounds: int) -> Iterator[str]:
    """Yield the lines of the table, those of a batch size once it is measured."""
    names = [METRICS[name].label for name in SHOWN]
    ratios = [f"{METRICS[name].label} ratio" for name in COMPARED]
    yield f"| backend | batch | {' | '.join([*names, *ratios])} |"
    yield "| --- " + "| ---: " * (1 + len(SHOWN) + len(COMPARED)) + "|"
    for pair, batch_size in product(PAIRS, batch_sizes):
        found: dict[str, list[Values]] = defaultdict(list)
        for turn in range(rounds):
            for backend in pair[:: -1 if turn % 2 else 1]:
                found[backend].append(measure(backend, dataset, batch_size))
        for backend in pair:
            medians = [
                METRICS[name].show(median(each[name] for each in found[backend])) for name in SHOWN
            ]
            compared = ["", ""] if backend == pair[0] else [
                show_ratio(found[pair[1]], found[pair[0]], name) for name in COMPARED
            ]  # fmt: skip
            yield f"| `{backend}` | {batch_size} | {' | '.join([*medians, *compared])} |"


def show_ratio(ours: Sequence[Values], theirs: Sequence[Values], name: str) -> str:
    """Return the mean ratio of a metric with its interval."""
    logs = [math.log(one[name] / two[name]) for one, two in zip(ours, theirs, strict=True)]
    mean, low, high = ratio(logs)
    return f"{mean:.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.languages", description=__doc__)
    parser.add_argument("--dataset", default="scifact")
    parser.add_argument("--batch-sizes", default=",".join(map(str, BATCH_SIZES)))
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.batch_sizes.split(",")]
    for line in rows(asked.dataset, sizes, asked.rounds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
