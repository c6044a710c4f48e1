"""Copies of the project that are slower, larger or answer otherwise, by a known amount."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx
from onnx import numpy_helper

from emch.cache import cache_dir
from emch.models.manifest import MANIFEST, read_manifest, write_manifest
from evaluation.texts import replace_once

CELLS = (
    "sentence_latency.Warm.time_batch('sentences-16', 'onnxruntime', 1)",
    "sentence_latency.Warm.time_batch('sentences-128', 'onnxruntime-int8', 1)",
    "sentence_latency.Warm.time_batch('sentences-128', 'openvino', 1)",
)
"""Calls of some 6, 14 and 26 ms on two cores."""

SUITE = "benchmarks/sentence_latency.py"
"""asv takes it from the working tree whatever the commit, so no slowdown can be in it."""

CELLS_OF_TASKS = "emch/suite/cells.py"
CALL = "        return next(turn)()\n"
SLOWED = """\
        import time
        start = time.perf_counter()
        answer = next(turn)()
        end = time.perf_counter()
        end += {share} * (end - start)
        while time.perf_counter() < end:
            pass
        return answer
"""
LOADED = "            self.encode = warm_batches(dataset, backend, batch_size)\n"
FATTENED = (
    LOADED
    + """\
        import re
        from pathlib import Path
        status = Path("/proc/self/status").read_text()
        peak, now = (int(re.search(f"{{key}}:(.*) kB", status)[1]) for key in ("VmHWM", "VmRSS"))
        self.held = b"x" * int(1024 * ((1 + {share}) * peak - now))
"""
)
CACHE = 'os.environ.get("EMCH_CACHE")'
ARTIFACTS = ("onnx", "onnx-int8")
WEIGHT = "embeddings.LayerNorm.bias"
BURNER = """\
import random, time
while True:
    end = time.perf_counter() + random.expovariate(1)
    while time.perf_counter() < end:
        pass
    time.sleep(random.expovariate(1))
"""


def copy_project(source: Path, folder: Path) -> None:
    """Copy what is measured, without its history."""
    for name in ("emch", "benchmarks"):
        shutil.copytree(source / name, folder / name)


def slow(folder: Path, share: float) -> None:
    """Follow each call by a busy loop that takes a share of the call's own time."""
    replace_once(folder / CELLS_OF_TASKS, CALL, SLOWED.format(share=share))


def fatten(folder: Path, share: float) -> None:
    """Hold memory that raises the peak by a share of it."""
    replace_once(folder / SUITE, LOADED, FATTENED.format(share=share))


def perturb(folder: Path, model: str = "all-MiniLM-L6-v2") -> None:
    """Give the copy a cache of its own, whose artifacts have one weight changed by 0.01."""
    cache = folder / "cache"
    shutil.copytree(cache_dir() / "models" / model, cache / "models" / model)
    replace_once(folder / "emch" / "cache.py", CACHE, repr(str(cache)))
    for name in ARTIFACTS:
        artifact = cache / "models" / model / name
        manifest = read_manifest(artifact)
        if manifest is None:
            raise SystemExit(f"{artifact} is not there: run 'emch prepare'")
        loaded = onnx.load(artifact / "model.onnx")
        (tensor,) = (each for each in loaded.graph.initializer if each.name == WEIGHT)
        values = numpy_helper.to_array(tensor).copy()
        values[0] += 0.01
        tensor.CopyFrom(numpy_helper.from_array(values, WEIGHT))
        onnx.save(loaded, artifact / "model.onnx")
        (artifact / MANIFEST).unlink()  # or it would describe itself
        write_manifest(artifact, made_from=manifest.made_from, details=manifest.details, tools=())


@contextmanager
def burner(*, running: bool) -> Iterator[None]:
    """Let a process burn one core in random bursts, a second of work and of rest on average."""
    if not running:
        yield
        return
    process = subprocess.Popen([sys.executable, "-c", BURNER])
    try:
        yield
    finally:
        process.kill()
        process.wait()
