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
        return device, threads  # without Linux's /proc there is nobody to ask
    patience = time.monotonic() + 1  # the threads name themselves once they run
    while len(_pool_threads() - before) < threads and time.monotonic() < patience:
        time.sleep(0.001)
    return device, len(_pool_threads() - before)


def _pool_threads() -> set[str]:
    """Return the ids of this process's threads in XLA's pools."""
    found = set()
    for task in TASKS.glob("*"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            if POOL in (task / "comm").read_text():
                found.add(task.name)
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
