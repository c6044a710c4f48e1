"""A measuring process: loads one cell of the asv suite of one side, then calls it when told to.

    python side_process.py list
    python side_process.py measure BENCHMARK CELL EMBEDDINGS

It is run in the folder with the side's `benchmarks/` and `emch/`; CELL is a JSON list of the
parameters as Python writes them; EMBEDDINGS is the file for them. This file is run by the side's
own Python and imports nothing of emch by itself, so that a commit is measured which never heard of
it. It reads one JSON object a line and answers with one: `{"seconds": s}` is a block of calls, and
the end of the input is the end. Answers go to the standard output as it was at the start; whatever
else prints there goes to stderr. The system ends it (SIGALRM) where the benchmark's own timeout is
over.
"""

import ctypes
import functools
import importlib
import itertools
import json
import os
import random
import re
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

PR_SET_PDEATHSIG = 1
HERE = "/proc/self/cwd"
"""Linux's name for the folder that a process runs in, the same in both sides."""

WARM_CALLS = 3
ASV_TIMEOUT_S = 60
"""Of a benchmark that names none, by asv's documentation."""


def main() -> None:
    """Do what the arguments say."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent has it too, and ends this one
    die_with_parent()
    sys.excepthook = functools.partial(hand_over, answers)
    _kept = random_heap()
    verb, *rest = sys.argv[1:]
    sys.path[0] = HERE if Path(HERE).is_dir() else str(Path.cwd())
    if verb == "list":
        print(json.dumps(list(cells())), file=answers)
    else:
        try:
            measure(answers, *rest)
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


def random_heap() -> list[bytearray]:
    """Return some memory of random sizes, so that what is allocated later lies elsewhere.

    Where it lies is luck that a folder's name can decide, the same in every launch: enough to let
    an engine take 6 % more memory. Drawn anew in each process it is noise, which launches average
    (setup randomization: Mytkowicz et al., "Producing wrong data without doing anything obviously
    wrong", ASPLOS 2009).
    """
    rng = random.Random()  # noqa: S311 - luck, not a secret
    return [bytearray(rng.randrange(1024, 65536)) for _ in range(rng.randrange(32))]


def die_with_parent() -> None:
    """Let the system kill this process when its parent ends, however that ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def cells() -> Iterator[dict[str, Any]]:
    """Yield every cell of every timing of the suite."""
    for path in sorted(Path("benchmarks").glob("[!_]*.py")):
        module = importlib.import_module(f"benchmarks.{path.stem}")
        for owner in vars(module).values():
            if not isinstance(owner, type) or owner.__module__ != module.__name__:
                continue
            for method in (name for name in dir(owner) if name.startswith("time_")):
                name = f"{path.stem}.{owner.__name__}.{method}"
                params = getattr(owner, "params", ())
                for cell in itertools.product(*params):
                    yield {"benchmark": name, "cell": list(map(repr, cell))}


def measure(answers: Any, benchmark: str, cell: str, target: str) -> None:
    """Load a cell, say so, and run blocks until the input ends."""
    stem, owner, method = benchmark.split(".")
    start = time.perf_counter()
    made = getattr(importlib.import_module(f"benchmarks.{stem}"), owner)()
    wanted = json.loads(cell)
    params = next(
        each for each in itertools.product(*made.params) if list(map(repr, each)) == wanted
    )
    timeout_s = int(getattr(made, "timeout", ASV_TIMEOUT_S))
    with ending_after(timeout_s):
        made.setup(*params)
        load_s = time.perf_counter() - start
        call = functools.partial(getattr(made, method), *params)
        for _ in range(WARM_CALLS):
            call()
        found = made.answers(*params) if hasattr(made, "answers") else {}
    if "embeddings" in found:
        import numpy as np

        np.save(target, found.pop("embeddings"))
    say(answers, load_s=load_s, answers=found)
    for line in sys.stdin:
        with ending_after(timeout_s):
            calls = list(block(call, json.loads(line)["seconds"]))
        say(answers, calls=calls, peak_rss_bytes=peak())


@contextmanager
def ending_after(seconds: int) -> Iterator[None]:
    """Let the system end this process, which no code of an engine can hinder, after a time."""
    signal.alarm(seconds)
    yield
    signal.alarm(0)


def block(call: Any, seconds: float) -> Iterator[float]:
    """Yield the seconds of calls, one after another, until a time is up; at least one."""
    end = time.perf_counter() + seconds
    while True:
        start = time.perf_counter()
        call()
        now = time.perf_counter()
        yield now - start
        if now >= end:
            return


def peak() -> int:
    """Return the greatest resident set so far, in bytes.

    Linux's `ru_maxrss` begins with that of the parent; VmHWM is of this program alone.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text())
        if found:
            return int(found[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def say(target: Any, **content: Any) -> None:
    """Answer the parent."""
    print(json.dumps(content), file=target)


if __name__ == "__main__":
    main()
