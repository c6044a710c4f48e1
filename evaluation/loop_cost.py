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
from collections.abc import Callable
from typing import Any

import numpy as np
from asv_runner.statistics import quantile_ci

from emch.backends.registry import BACKENDS, get_backend
from emch.encoding.encoder import encoder
from emch.errors import InvalidInput, Unavailable
from emch.scenarios.callers import Call, Limits, run_callers
from emch.tasks.sentence_encoding import Work, make_batches

Bare = Callable[[Any, Work], Call]

SHAPES = (("sentences-16", 1), ("sentences-128", 16))
BLOCK_S = 0.025
LEAST_PAIRS = 50
LEAST_S = 10.0


def torch_model(session: Any, work: Work) -> Call:
    """Call the transformers model, or what was traced of it, on tensors."""
    import torch

    ids = torch.from_numpy(work.batch.input_ids)
    mask = torch.from_numpy(work.batch.attention_mask)

    def call() -> None:
        with torch.inference_mode():
            answer = session._model(ids, mask)
            getattr(answer, "last_hidden_state", answer).float().numpy()

    return call


def onnx_session(session: Any, work: Work) -> Call:
    """Call ONNX Runtime's session on arrays."""
    inputs = {node.name for node in session._session.get_inputs()}
    arrays = _arrays(work)
    feeds = {name: arrays[name] for name in inputs}
    return lambda: session._session.run(None, feeds)


def optimum_model(session: Any, work: Work) -> Call:
    """Call optimum's model on arrays."""
    feeds = _arrays(work)
    return lambda: session._model(**feeds)


def openvino_request(session: Any, work: Work) -> Call:
    """Run an infer request of OpenVINO."""
    request = session._idle.get()
    session._idle.put(request)
    feeds = {"input_ids": work.batch.input_ids, "attention_mask": work.batch.attention_mask}

    def call() -> None:
        request.start_async(feeds)
        request.wait()

    return call


def xla_program(session: Any, work: Work) -> Call:
    """Call the compiled JAX program on arrays of its own shape, and wait for its result."""
    session.run(work.batch.input_ids, work.batch.attention_mask)
    shape = work.batch.input_ids.shape
    ids = work.batch.input_ids.astype(np.int32)
    mask = work.batch.attention_mask.astype(np.int32)
    program = session._compiled[shape]
    return lambda: np.asarray(program(session._weights, ids, mask))


def ctranslate2_encoder(session: Any, work: Work) -> Call:
    """Call CTranslate2's encoder on its own arrays."""
    ids = session._view(work.batch.input_ids.astype(np.int32))
    lengths = session._view(work.batch.attention_mask.sum(axis=1, dtype=np.int32))
    return lambda: np.asarray(session._encoder.forward_batch(ids, lengths).last_hidden_state)


def deepsparse_engine(session: Any, work: Work) -> Call:
    """Run DeepSparse's engine of this shape."""
    session.run(work.batch.input_ids, work.batch.attention_mask)
    network = session.network
    engine = network.engine((work.batch.input_ids.shape,) * len(network.inputs))
    feeds = [_arrays(work)[name] for name in engine.input_names]
    return lambda: engine.run(feeds)


def own_encode(session: Any, work: Work) -> Call:
    """Call sentence-transformers' encode on texts."""
    encode = session._methods["text"]
    return lambda: encode(work.texts, batch_size=len(work.texts), show_progress_bar=False)


def _arrays(work: Work) -> dict[str, Any]:
    ids = work.batch.input_ids
    return {
        "input_ids": ids,
        "attention_mask": work.batch.attention_mask,
        "token_type_ids": 0 * ids,
    }


BARE: dict[str, Bare] = {
    "pytorch.eager": torch_model,
    "pytorch.bettertransformer": torch_model,
    "pytorch.compiled": torch_model,
    "pytorch.torchscript": torch_model,
    "onnxruntime.backend": onnx_session,
    "onnxruntime.openvino": onnx_session,
    "onnxruntime.optimum": optimum_model,
    "openvino": openvino_request,
    "xla.backend": xla_program,
    "ctranslate2": ctranslate2_encoder,
    "deepsparse": deepsparse_engine,
    "sentence_transformers": own_encode,
}
"""What calls the engine of each file in emch/backends by its own API, on inputs made beforehand.

The call ends when the answer is an array in this process's memory: a caller needs no less."""


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
    engine = BACKENDS[name].partition(":")[0].removeprefix("emch.backends.")
    for dataset, batch_size in SHAPES:
        work = make_batches(loaded, dataset, batch_size)
        ours = [item.call(loaded) for item in work]
        bare = [BARE[engine](loaded.session, item) for item in work]
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
