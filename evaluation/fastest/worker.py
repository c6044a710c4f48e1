"""One attempt as a process: it loads, then encodes what each line of its input asks for.

    python -m evaluation.fastest.worker ATTEMPT TOKENS

TOKENS is a JSON file of token ids by text. A line `seconds` is answered by those that an eighth
of the texts takes; `part PATH` and `all PATH` write the embeddings of these, or of all, to a file.
"""

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import numpy as np

from emch.arrays import FloatArray
from emch.backends.openvino.backend import OpenVino
from emch.backends.options import Options
from evaluation.fastest.attempts import (
    Encode,
    FixedShapes,
    Tokens,
    by_tokens,
    compile_changed,
    emch_backend,
    encode_with,
    folder_of,
    in_fixed_shapes,
    some,
    sorted_by_length,
    tanh_gelu,
    two_callers,
    without_padding,
)
from evaluation.fastest.packing import packed

BEST = OpenVino.name
TWO = partial(Options, threads=2, streams=2)


def _with_tanh() -> Encode:
    session = compile_changed(TWO(), tanh_gelu)
    return encode_with(session, sorted_by_length)


@cache
def _of_this_process() -> Encode:
    session = OpenVino.load(folder_of(BEST), Options(threads=1))
    return encode_with(session, sorted_by_length)


def _encode_here(tokens: Tokens) -> FloatArray:
    return _of_this_process()(tokens)


def _stay_on(cpus: "multiprocessing.Queue[int]") -> None:
    os.sched_setaffinity(0, {cpus.get()})


def _two_processes() -> Encode:
    spawn = multiprocessing.get_context("spawn")
    cpus: multiprocessing.Queue[int] = spawn.Queue()
    for cpu in sorted(os.sched_getaffinity(0))[:2]:
        cpus.put(cpu)
    pool = ProcessPoolExecutor(2, mp_context=spawn, initializer=_stay_on, initargs=(cpus,))

    def encode(tokens: Tokens) -> FloatArray:
        halves = [tokens[0::2], tokens[1::2]]
        found = list(pool.map(_encode_here, halves))
        whole = np.empty((len(tokens), found[0].shape[1]), np.float32)
        whole[0::2], whole[1::2] = found
        return whole

    return encode


def _onednn_graph() -> Encode:
    import torch

    from emch.backends.pytorch.torchscript import TorchScript

    torch.jit.enable_onednn_fusion(True)
    return encode_with(
        TorchScript.load(folder_of("torchscript"), Options(threads=2)), sorted_by_length
    )


ATTEMPTS: dict[str, Callable[[], Encode]] = {
    "OpenVINO, two streams": partial(emch_backend, BEST, 2),
    "one stream of two threads": partial(emch_backend, BEST, 1),
    "two processes of one thread": _two_processes,
    "huge pages (glibc.malloc.hugetlb=1)": partial(emch_backend, BEST, 2),
    "batches of equal lengths, no padding": partial(emch_backend, BEST, 2, without_padding),
    "batches of about 1,024 tokens": partial(emch_backend, BEST, 2, by_tokens),
    "fixed shapes, lengths in steps of 8": lambda: encode_with(FixedShapes(TWO()), in_fixed_shapes),
    "Gelu by tanh": _with_tanh,
    "packed rows of 128 tokens, block mask": lambda: packed(Options(threads=2)),
    "static int8 by NNCF": partial(emch_backend, "openvino-int8", 2),
    "ONNX Runtime, dynamic int8": partial(emch_backend, "onnxruntime-int8", 1),
    "ONNX Runtime, fused, dynamic int8": partial(emch_backend, "onnxruntime-fused-int8", 1),
    "the same, two callers of one thread": lambda: two_callers("onnxruntime-fused-int8"),
    "CTranslate2, dynamic int8": partial(emch_backend, "ctranslate2-int8", 1),
    "the same without padding": partial(emch_backend, "ctranslate2-int8", 1, without_padding),
    "oneDNN's graph in TorchScript": _onednn_graph,
}
"""What is tried, the first being what the others are compared with."""

VARIABLES = {"huge pages (glibc.malloc.hugetlb=1)": {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}}
"""Variables of the process that an attempt wants."""


def main(attempt: str, path: str) -> None:
    """Load, encode an eighth of the texts once to warm up, and answer line by line."""
    every: list[list[int]] = json.loads(Path(path).read_text(encoding="utf-8"))
    part = some(every)
    encode = ATTEMPTS[attempt]()
    encode(part)
    print("ready", flush=True)
    for line in sys.stdin:
        asked, _, target = line.strip().partition(" ")
        if asked == "seconds":
            start = time.perf_counter()
            encode(part)
            print(time.perf_counter() - start, flush=True)
        else:
            np.save(target, encode(every if asked == "all" else part))
            print("written", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
