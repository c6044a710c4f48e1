"""Where a JAX program runs: a CUDA device, or the CPU with as many threads as are asked for."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from emch.backends.base import Options
from emch.errors import Unavailable

TASKS = Path("/proc/self/task")
POOL = "XLAEigen"


def open_device(options: Options) -> tuple[Any, int]:
    """Return JAX's device, and the threads that compute for it.

    Raises
    ------
    Unavailable
        There is no CUDA device, or the JAX that is installed has no code for it.
    """
    if options.device == "cuda":
        return _cuda_device(), options.threads  # the host's threads compute nothing there
    return _cpu_device(options.threads)


def _cuda_device() -> Any:
    import jax

    with _environment("XLA_PYTHON_CLIENT_PREALLOCATE", "false"):
        try:
            return jax.devices("cuda")[0]
        except RuntimeError as error:
            raise Unavailable(
                f"JAX finds no CUDA device ({error}): it takes an NVIDIA GPU and "
                "pip install 'jax[cuda12]'"
            ) from error


def _cpu_device(threads: int) -> tuple[Any, int]:
    """Make a client of our own, which has a thread pool of its own.

    JAX's default client is one for the whole process, with a thread for each CPU. The size of the
    pool is no argument of a client; XLA reads it from the environment when it makes one.
    """
    from jaxlib import xla_client

    before = _pool_threads()
    with _environment("PJRT_NPROC", str(threads)):
        device = xla_client.make_cpu_client().local_devices()[0]
    if not TASKS.is_dir():
        return device, threads  # without Linux's /proc the threads cannot be seen
    patience = time.monotonic() + 1  # the threads name themselves once they run
    while len(_pool_threads() - before) < threads and time.monotonic() < patience:
        time.sleep(0.001)
    return device, len(_pool_threads() - before)


@contextmanager
def confined(threads: int) -> Iterator[None]:
    """Keep this process on as many CPUs as there are threads while XLA compiles.

    XLA compiles on a pool of the process, which has a thread for each CPU and no option for it.
    """
    usable = sorted(os.sched_getaffinity(0)) if TASKS.is_dir() else []
    if threads >= len(usable):
        yield
        return
    _move(usable[:threads])
    try:
        yield
    finally:
        _move(usable)


def _move(cpus: list[int]) -> None:
    for task in _tasks():
        with suppress(ProcessLookupError):  # the thread has ended meanwhile
            os.sched_setaffinity(task, cpus)


def _tasks() -> list[int]:
    """Return the ids of this process's threads, as Linux counts them."""
    return [int(task.name) for task in TASKS.iterdir()]


def _pool_threads() -> set[int]:
    """Return those of XLA's pools; none where there is no /proc."""
    found = set()
    for task in _tasks() if TASKS.is_dir() else []:
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended meanwhile
            if POOL in (TASKS / str(task) / "comm").read_text():
                found.add(task)
    return found


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set an environment variable for as long as a client is being made."""
    kept = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if kept is None:
            del os.environ[name]
        else:
            os.environ[name] = kept
