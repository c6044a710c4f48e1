"""emch's model handler beside Beam's own, on the same network and the same batches, in turn.

    python -m evaluation.beam_handlers [--rounds N]

ResNet-101 with random weights: `PytorchModelHandlerTensor` on torchvision's module beside emch's
handler on its exported program, and `OnnxModelHandlerNumpy` beside it on the same ONNX file. Each
round runs both on the same batch, and begins with the other one; printed are the geometric mean of
the ratios, emch over Beam, and its 95 % interval. All use as many threads as there are CPUs.
"""

import argparse
import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from emch.arrays import FloatArray
from emch.beam.asked import SEED, Asked
from emch.beam.work.images import ImageClassification
from emch.beam.work.inputs import make_image
from emch.measure.cpus import usable_cpus
from evaluation.ratios import ratio

MODEL = "resnet101"
BATCH_SIZES = (1, 10, 32)

Infer = Callable[[Sequence[FloatArray]], Sequence[Any]]
"""Runs a handler on a batch of prepared images, and returns its results."""


def ours(backend: str) -> tuple[Infer, ImageClassification]:
    """Return emch's handler, loaded."""
    from emch.beam.handler import EmchHandler

    work = ImageClassification(
        Asked(
            task="image-classification", model=MODEL, backend=backend, threads=usable_cpus(),
            random_weights=True, min_batch_size=1, max_batch_size=32, out="",
        )
    )  # fmt: skip
    handler = EmchHandler(work, {})
    model = handler.load_model()
    return lambda batch: handler.run_inference(batch, model), work


def beams_pytorch(folder: Path) -> Infer:
    """Return Beam's handler for PyTorch on the same weights, loaded."""
    import torch
    import torchvision
    from apache_beam.ml.inference.pytorch_inference import PytorchModelHandlerTensor

    torch.manual_seed(SEED)
    network = torchvision.models.get_model(MODEL, weights=None)
    torch.save(network.state_dict(), folder / "weights.pth")
    handler = PytorchModelHandlerTensor(
        str(folder / "weights.pth"), torchvision.models.resnet101, {"weights": None}
    )
    model = handler.load_model()
    return lambda batch: list(
        handler.run_inference([torch.from_numpy(each) for each in batch], model)
    )


def beams_onnx(file: Path) -> Infer:
    """Return Beam's handler for ONNX on a file, loaded."""
    import onnxruntime
    from apache_beam.ml.inference.onnx_inference import OnnxModelHandlerNumpy

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = usable_cpus()
    handler = OnnxModelHandlerNumpy(
        str(file), session_options=options, providers=["CPUExecutionProvider"]
    )
    model = handler.load_model()
    return lambda batch: list(handler.run_inference(batch, model))


def pairs(
    one: Infer, other: Infer, size: int, rounds: int, work: ImageClassification
) -> list[float]:
    """Return the logarithms of the ratios of the times of two handlers."""
    logs = []
    for number in range(-2, rounds):  # the first two rounds are not counted
        images = [make_image(SEED, 1_000 * (number + 2) + place) for place in range(size)]
        batch = [work.prepare(image) for image in images]
        taken = {}
        for handler in (one, other) if number % 2 else (other, one):
            start = time.perf_counter()
            found = handler(batch)
            taken[handler] = time.perf_counter() - start
            if len(found) != size:
                raise SystemExit(f"{size} images have {len(found)} results")
        if number >= 0:
            logs.append(math.log(taken[one] / taken[other]))
    return logs


def _classes(found: Sequence[Any]) -> list[int]:
    """Return the classes that a handler found, ours or one of Beam's."""
    if hasattr(found[0], "answer"):
        return [each.answer for each in found]
    return [int(np.argmax(np.asarray(each.inference))) for each in found]


def rows(rounds: int) -> Iterator[str]:
    """Yield the lines of the table in Markdown."""
    yield "| Beam's handler | batch size | emch / Beam | 95 % interval |"
    yield "| --- | ---: | ---: | --- |"
    with TemporaryDirectory(prefix="emch-") as folder:
        for backend in ("pytorch", "onnxruntime"):
            infer, work = ours(backend)
            if backend == "pytorch":
                name, theirs = "PytorchModelHandlerTensor", beams_pytorch(Path(folder))
            else:
                name, theirs = "OnnxModelHandlerNumpy", beams_onnx(work.found.file)
            probe = [work.prepare(make_image(SEED, place)) for place in range(8)]
            if _classes(infer(probe)) != _classes(theirs(probe)):
                raise SystemExit(f"{name} and emch do not agree on the classes")
            for size in BATCH_SIZES:
                mean, low, high = ratio(pairs(infer, theirs, size, rounds, work))
                yield f"| `{name}` | {size} | {mean:.3f} | {low:.3f} to {high:.3f} |"


def main() -> None:
    """Read the command line, and print the table."""
    logging.basicConfig(level=logging.ERROR)
    parser = argparse.ArgumentParser(prog="python -m evaluation.beam_handlers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    for line in rows(parser.parse_args().rounds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
