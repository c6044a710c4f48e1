"""The benchmarks of a suite, as asv_runner knows and runs them."""

from __future__ import annotations

import contextlib
import io
import itertools
import pickle
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .place import CACHE, Place
from .system import ending_after, peak

TIMED = ("time", "timeraw")
WARM_CALLS = 3
SHORT_S = 0.001
"""The least time of a sample whose number of calls asv leaves open; a turn holds ten of them."""


def cells(suite: Path) -> Iterator[dict[str, Any]]:
    """Yield every cell of every benchmark of a suite, with the kind that asv says it is."""
    from asv_runner.discovery import disc_benchmarks

    for found in disc_benchmarks(str(suite)):
        unit = "" if found.unit == "unit" else found.unit  # asv's word for none
        about = {"kind": found.type, "unit": unit, "cache": found.setup_cache_key}
        for cell in itertools.product(*found.params):
            yield {"benchmark": found.name, "params": cell, **about}


def load(suite: Path, name: str, params: Sequence[str] | None = None) -> Any:
    """Return asv's benchmark of a name; with parameters, as they are written, it has its cache."""
    from asv_runner.discovery import get_benchmark_from_name

    benchmark = get_benchmark_from_name(str(suite), name)
    if params is not None:
        benchmark.set_param_idx(list(itertools.product(*benchmark.params)).index(tuple(params)))
        if benchmark.setup_cache_key is not None:  # made by this comparison, in this folder
            benchmark.set_cache(pickle.loads(Path(CACHE).read_bytes()))  # noqa: S301
    return benchmark


def fill_cache(place: Place, name: str) -> None:
    """Run the `setup_cache` of a benchmark in this folder, and keep what it returns."""
    benchmark = load(place.suite, name)
    with ending_after(benchmark.setup_cache_timeout or place.timeout_s):
        found = benchmark.do_setup_cache()
    Path(CACHE).write_bytes(pickle.dumps(found))


def set_up(benchmark: Any) -> None:
    """Set a benchmark up.

    Raises
    ------
    NotImplementedError
        It is not for this machine. asv, which catches that, prints the reason.
    """
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        skipped = benchmark.do_setup()
    if not skipped:
        sys.stderr.write(said.getvalue())
    else:
        reason = re.search(r"""NotImplemented\w*\((["'])(.*)\1""", said.getvalue())
        raise NotImplementedError(reason[2] if reason else "its parameters are among skip_params")


def sampler(benchmark: Any) -> Callable[[], float]:
    """Warm a timing up, and return what times one call of it as asv does, setup and all."""
    benchmark.sample_time = SHORT_S
    number = one_sample(benchmark, benchmark.number)["number"]
    for _ in range(WARM_CALLS - 1):
        one_sample(benchmark, number)
    return lambda: one_sample(benchmark, number)["samples"][0]


def one_sample(benchmark: Any, number: int) -> Any:
    """Return asv's result of one sample; 0 calls let asv choose how many."""
    benchmark.repeat, benchmark.min_run_count, benchmark.warmup_time = (1, 1, 0.0), 1, 0.0
    benchmark.number = number
    return benchmark.do_run()


def value_of(benchmark: Any) -> float:
    """Return the value of a benchmark that is no timing; of several samples the median."""
    found = benchmark.do_run()
    if benchmark.type == "peakmemory":  # asv's own begins with the peak of the parent process
        return peak()
    samples = sorted(found["samples"] if isinstance(found, dict) else [found])
    return float(samples[len(samples) // 2])


def method_of(benchmark: Any, name: str) -> Callable[..., dict[str, Any]] | None:
    """Return a method of the benchmark's class that is emch's own and not asv's, if it has it."""
    method: Callable[..., dict[str, Any]] | None
    method = getattr(getattr(benchmark.func, "__self__", None), name, None)
    return method


def answers_of(benchmark: Any) -> dict[str, Any]:
    """Return what the benchmark's class answers in `answers`, if it has that."""
    answering = method_of(benchmark, "answers")
    return dict(answering(*benchmark._build_params())) if answering else {}
