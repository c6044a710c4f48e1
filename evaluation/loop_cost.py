"""What emch's loop costs: its sync throughput over that of a bare loop around the engine's own API.

    python -m evaluation.loop_cost [BACKEND ...]

Each backend has a process of its own. There, one loaded engine is called in short blocks, emch's
loop and the bare one in turn, in the order ABBA; a pair of blocks is one ratio. Printed is the
median of the ratios, with asv's 95 % interval of it; 1 means that emch's loop costs nothing. It
needs nothing that a stack lacks, so that the Python of any of them can run it.
"""

import argparse
import itertools
import subprocess
import sys
import time

from asv_runner.statistics import quantile_ci

from emch.backends.base import Session, TextSession
from emch.backends.registry import BACKENDS, get_backend
from emch.encoding.encoder import encoder
from emch.errors import InvalidInput, Unavailable
from emch.scenarios.callers import Call, Limits, run_callers
from emch.tasks.sentence_encoding import Work, batches_for

SHAPES = (("sentences-16", 1), ("sentences-128", 16))
BLOCK_S = 0.025
LEAST_PAIRS = 50
LEAST_S = 10.0


def bare_call(session: Session | TextSession, work: Work) -> Call:
    """Return what calls the engine by its own API on a batch, on inputs made beforehand."""
    if isinstance(session, TextSession):
        return session.bare(work.texts)
    return session.bare(work.batch.input_ids, work.batch.attention_mask)


def main(names: list[str]) -> None:
    """Print a line for each backend and shape."""
    print(f"{'backend':28} {'shape':>14} {'emch / bare':>12}  95 % interval")
    for name in names or BACKENDS:
        subprocess.run([sys.executable, "-m", "evaluation.loop_cost", "--one", name], check=True)


def measure(name: str) -> None:
    """Measure one backend in this process."""
    if reason := get_backend(name).unavailable():
        print(f"{name:28} skipped: {reason}")
        return
    try:
        loaded = encoder(name)
    except Unavailable as reason:
        print(f"{name:28} skipped: {reason}")
        return
    for dataset, batch_size in SHAPES:
        work = batches_for(loaded, dataset, batch_size)
        ours = [item.call(loaded) for item in work]
        bare = [bare_call(loaded.session, item) for item in work]
        for call in (ours + bare) * 2:
            call()
        median, (low, high) = quantile_ci(alternate(ours, bare), 0.5, 0.05)
        shape = f"{batch_size} x {dataset.rpartition('-')[2]}"
        print(f"{name:28} {shape:>14} {median:12.3f}  {low:.3f} to {high:.3f}", flush=True)


def alternate(ours: list[Call], bare: list[Call]) -> list[float]:
    """Return the throughput of emch's loop over that of the bare one, for each pair of blocks."""
    ratios: list[float] = []
    start = time.perf_counter()
    while len(ratios) < LEAST_PAIRS or time.perf_counter() - start < LEAST_S:
        order = (emch_block, bare_block) if len(ratios) % 2 else (bare_block, emch_block)
        rates = {block: block(ours if block is emch_block else bare) for block in order}
        ratios.append(rates[emch_block] / rates[bare_block])
    return ratios


def emch_block(calls: list[Call]) -> float:
    """Return calls per second as emch measures them."""
    timing = run_callers([calls], Limits(1, BLOCK_S, BLOCK_S))
    return sum(map(len, timing.call_s)) / timing.elapsed_s


def bare_block(calls: list[Call]) -> float:
    """Return calls per second of a loop that does nothing but call and look at the clock."""
    start = time.perf_counter()
    for made, call in enumerate(itertools.cycle(calls), start=1):
        call()
        elapsed = time.perf_counter() - start
        if elapsed >= BLOCK_S:
            return made / elapsed
    raise AssertionError("there is no call to make")


def known(name: str) -> str:
    """Return the name of a backend that there is."""
    try:
        get_backend(name)
    except InvalidInput as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return name


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("backends", nargs="*", type=known, metavar="BACKEND", help="default: all")
    parser.add_argument("--one", type=known, metavar="BACKEND", help="measure it in this process")
    arguments = parser.parse_args()
    if arguments.one:
        measure(arguments.one)
    else:
        main(arguments.backends)
