"""A measuring process: loads one cell of the asv suite of one side, then calls it when told to.

    python side_process.py PLACE list
    python side_process.py PLACE measure BENCHMARK CELL EMBEDDINGS

It is run in the side's folder. PLACE is what `Place` has, in JSON; CELL is a JSON list of the
parameters as Python writes them; EMBEDDINGS is the file for them. This file is run by the side's
own Python and imports nothing of emch by itself, so that a commit is measured which never heard of
it. It reads one JSON object a line and answers with one: `{"seconds": s}` is a block of calls, and
the end of the input is the end. Answers go to the standard output as it was at the start; whatever
else prints there goes to stderr. The system ends it (SIGALRM) where the benchmark's own timeout is
over.

Like asv it takes functions and methods whose names begin with `time_`; their setup is called once,
and what needs a `setup_cache` is left out, since that writes where it is run.
"""

import ctypes
import functools
import importlib
import itertools
import json
import os
import pkgutil
import random
import re
import resource
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import TracebackType
from typing import Any

PR_SET_PDEATHSIG = 1
HERE = "/proc/self/cwd"
"""Linux's name for the folder that a process runs in, the same in both sides."""

WARM_CALLS = 3
ASV_TIMEOUT_S = 60
"""Of a benchmark that names none, by asv's documentation."""


@dataclass(frozen=True)
class Place:
    """Where the side's code is.

    Attributes
    ----------
    suite : Path
        The folder of the benchmarks; an absolute one is that of both sides.
    packages : sequence of Path
        The folders that packages may be in.
    project : str
        The distribution under test.
    """

    suite: Path
    packages: Sequence[Path]
    project: str

    @classmethod
    def of(cls, suite: str, packages: Sequence[str], project: str) -> "Place":
        """Take what is given by its name in the side's folder, which is the current one."""
        here = Path(HERE) if Path(HERE).is_dir() else Path.cwd()
        there = [here / each for each in packages if Path(each).is_dir()]
        return cls(here / suite, there, project)


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
    sys.path[:1] = dict.fromkeys(map(str, (place.suite.parent, *place.packages)))
    if verb == "list":
        print(json.dumps(list(cells(place.suite))), file=answers)
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


def random_heap() -> list[bytearray]:
    """Return some memory of random sizes, so that what is allocated later lies elsewhere.

    Where it lies is chance that a folder's name can decide, the same in every launch: enough to let
    an engine take 6 % more memory. Drawn anew in each process it is noise, which launches average
    (setup randomization: Mytkowicz et al., "Producing wrong data without doing anything obviously
    wrong", ASPLOS 2009).
    """
    rng = random.Random()  # noqa: S311 - chance, not a secret
    return [bytearray(rng.randrange(1024, 65536)) for _ in range(rng.randrange(32))]


def die_with_parent() -> None:
    """Let the system kill this process when its parent ends, however that ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def cells(suite: Path) -> Iterator[dict[str, Any]]:
    """Yield every cell of every timing of a suite."""
    for name in modules(suite):
        for timing, owners in timings(importlib.import_module(f"{suite.name}.{name}")):
            if first(owners, "setup_cache", None) is None:
                for cell in parameters(owners):
                    yield {"benchmark": f"{name}.{timing}", "cell": list(map(repr, cell))}


def modules(package: Path) -> Iterator[str]:
    """Yield the dotted name of each module in a package, and in the packages in it."""
    for found in pkgutil.iter_modules([str(package)]):
        if found.ispkg:
            yield from (f"{found.name}.{name}" for name in modules(package / found.name))
        elif not found.name.startswith("_"):
            yield found.name


def timings(module: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield each timing's name and its owners: what asv looks for its setup in, itself first."""
    for name, found in vars(module).items():
        if name.startswith("_") or getattr(found, "__module__", None) != module.__name__:
            continue
        if isinstance(found, type):
            for method in (each for each in dir(found) if each.startswith("time_")):
                yield f"{name}.{method}", [getattr(found, method), found, module]
        elif name.startswith("time_") and callable(found):
            yield name, [found, module]


def load(suite: Path, benchmark: str) -> list[Any]:
    """Import a timing, make the object that it is a method of, and return its owners."""
    *parts, name = benchmark.split(".")
    if suite.joinpath(*parts).with_suffix(".py").is_file():
        module = importlib.import_module(".".join([suite.name, *parts]))
        return [getattr(module, name), module]
    *parts, owner = parts
    module = importlib.import_module(".".join([suite.name, *parts]))
    made = getattr(module, owner)()
    return [getattr(made, name), made, module]


def first(owners: Sequence[Any], name: str, default: Any) -> Any:
    """Return the first owner's attribute of a name."""
    return next((getattr(each, name) for each in owners if hasattr(each, name)), default)


def parameters(owners: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the parameters of each cell; a list that holds no lists is that of one parameter."""
    params = first(owners, "params", ())
    nested = all(isinstance(each, list | tuple) for each in params)
    return list(itertools.product(*(params if nested else [params])))


def measure(answers: Any, place: Place, benchmark: str, cell: str, target: str) -> None:
    """Load a cell, say so, and run blocks until the input ends."""
    start = time.perf_counter()
    owners = load(place.suite, benchmark)
    wanted = json.loads(cell)
    params = next(each for each in parameters(owners) if list(map(repr, each)) == wanted)
    timeout_s = int(first(owners, "timeout", ASV_TIMEOUT_S))
    with ending_after(timeout_s):
        for owner in reversed(owners):
            if hasattr(owner, "setup"):
                owner.setup(*params)
        load_s = time.perf_counter() - start
        call = functools.partial(getattr(owners[1], benchmark.rpartition(".")[2]), *params)
        for _ in range(WARM_CALLS):
            call()
        answering = first(owners[:-1], "answers", None)
        found = answering(*params) if answering else {}
    refuse_installed(place)
    if "embeddings" in found:
        import numpy as np

        np.save(target, found.pop("embeddings"))
    say(answers, load_s=load_s, answers=found)
    for line in sys.stdin:
        with ending_after(timeout_s):
            calls = list(block(call, json.loads(line)["seconds"]))
        say(answers, calls=calls, peak_rss_bytes=peak())


def refuse_installed(place: Place) -> None:
    """Refuse to measure the copy of the project that asv installed: both sides would have it.

    Raises
    ------
    ImportError
        A module of the project is not from this side's folder.
    """
    try:
        files = distribution(place.project).files or ()
    except PackageNotFoundError:
        return
    installed = {file.parts[0].partition(".")[0] for file in files}
    for name in installed & sys.modules.keys():
        if name.startswith("__editable__"):  # how setuptools finds the folder that is installed
            continue
        path = Path(getattr(sys.modules[name], "__file__", None) or "")
        here = any(
            path.is_relative_to(each / name) or path.parent == each for each in place.packages
        )
        if path.name and not here:
            raise ImportError(
                f"the package '{name}' is neither at the root of this side nor in its src/, and "
                "the copy that asv installed is the same for both sides"
            )


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
    """Write an answer for the parent."""
    print(json.dumps(content), file=target)


if __name__ == "__main__":
    main()
