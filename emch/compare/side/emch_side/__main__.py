"""The measuring process itself: what it is told, and what it answers."""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from .explained import explained
from .place import Place, refuse_installed
from .suite import TIMED, answers_of, cells, fill_cache, load, sampler, set_up, value_of
from .system import die_with_parent, ending_after, peak, random_heap


def main() -> None:
    """Do what the arguments say."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent has it too, and ends this one
    die_with_parent()
    sys.excepthook = functools.partial(hand_over, answers)
    _kept = random_heap()
    found, verb, *rest = sys.argv[1:]
    place = Place.of(**json.loads(found))
    # In place of the folder it runs in, and of the one that this package is in.
    sys.path[:2] = dict.fromkeys(map(str, (place.suite.parent, *place.packages)))
    del os.environ["PYTHONPATH"]  # processes that a benchmark starts have no need of it
    if verb == "list":
        print(json.dumps(list(cells(place.suite))), file=answers)
    elif verb == "cache":
        fill_cache(place, *rest)
        say(answers)
    elif verb == "explain":
        say(answers, **explained(place, *rest))
    else:
        try:
            measure(answers, place, *rest)
        except NotImplementedError as reason:  # how asv's benchmarks skip
            say(answers, skipped=str(reason))


def hand_over(
    answers: Any, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Answer with the exception that ends this process: a side that fails is a finding."""
    where = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        where = code.co_name if code.co_name.isidentifier() else Path(code.co_filename).name
        trace = trace.tb_next
    say(answers, error={"kind": kind.__name__, "message": str(error), "where": where})


def measure(answers: Any, place: Place, name: str, cell: str, target: str) -> None:
    """Load a cell, say so, and measure it until the input ends."""
    start = time.perf_counter()
    benchmark = load(place.suite, name, json.loads(cell))
    timeout_s = benchmark.timeout or place.timeout_s
    with ending_after(timeout_s):
        set_up(benchmark)
        load_s = time.perf_counter() - start
        take = sampler(benchmark) if benchmark.type in TIMED else None
        found = answers_of(benchmark) if place.packages else {}
    refuse_installed(place)
    if "embeddings" in found:
        import numpy as np

        np.save(target, found.pop("embeddings"))
    say(answers, load_s=load_s, answers=found)
    for line in sys.stdin:
        with ending_after(timeout_s):
            seconds = json.loads(line)["seconds"]
            values = list(block(take, seconds)) if take else [value_of(benchmark)]
        say(answers, calls=values, peak_rss_bytes=peak())


def block(take: Callable[[], float], seconds: float) -> Iterator[float]:
    """Yield the seconds of calls, one after another, until a time is up; at least one."""
    end = time.perf_counter() + seconds
    while True:
        yield take()
        if time.perf_counter() >= end:
            return


def say(target: Any, **content: Any) -> None:
    """Write an answer for the parent."""
    print(json.dumps(content), file=target)


if __name__ == "__main__":
    main()
