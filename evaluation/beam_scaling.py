"""How a pipeline's time grows with its inputs, and what that says of 50 million.

    python -m evaluation.beam_scaling RECORDS

RECORDS is what `evaluation.beam_benchmarks` wrote. Of each model, batch and number of workers that
was measured at three counts, a line through the two smaller ones (start + count x seconds an input)
is held against the largest one, and carried on to 50 million inputs. Beside it: what an input costs
in seconds of one CPU, which is what is paid for.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from emch.records import Record
from evaluation.beam_benchmarks import read

FAR = 50_000_000
COUNTS = 3


def key(record: Record) -> tuple[object, ...]:
    """Return what the records of one line have in common."""
    given = record.parameters
    names = ("runner", "workers", "min_batch_size", "batch_size", "by_length")
    return (record.model, record.backend, *(given[name] for name in names))


def fit(records: Sequence[Record]) -> tuple[float, float]:
    """Return the seconds of the start and those of an input."""
    counts = [record.parameters["count"] for record in records]
    slope, start = np.polyfit(counts, [record.value("elapsed_s") for record in records], 1)
    return float(start), float(slope)


def rows(records: Sequence[Record]) -> Iterator[str]:
    """Yield the lines of the table in Markdown."""
    yield (
        "| model | workers | batches | start | an input | CPU of an input | largest count "
        "| predicted | measured | error | 50 million here |"
    )
    yield f"| --- | ---: | --- |{' ---: |' * 8}"
    groups = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    for (model, _, _, workers, least, most, by_length), found in groups.items():
        if len(found) < COUNTS:
            continue
        *small, largest = sorted(found, key=lambda record: record.parameters["count"])
        start, slope = fit(small)
        count = largest.parameters["count"]
        predicted, measured = start + count * slope, largest.value("elapsed_s")
        cpu = largest.samples["worker_cpu_s"][0] / count
        batches = f"{least}" if least == most else f"{least} to {most}"
        yield (
            f"| {model} | {workers} | {batches}{', by length' if by_length else ''} "
            f"| {start:.1f} s | {1000 * slope:.1f} ms | {1000 * cpu:.1f} ms | {count:,} "
            f"| {predicted:.1f} s | {measured:.1f} s | {predicted / measured - 1:+.0%} "
            f"| {(start + FAR * slope) / 86_400:.1f} days |"
        )


def main() -> None:
    """Read the records, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.beam_scaling", description=__doc__)
    parser.add_argument("records", type=Path)
    print("\n".join(rows([*read(parser.parse_args().records).values()])))


if __name__ == "__main__":
    main()
