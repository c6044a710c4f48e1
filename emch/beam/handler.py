"""The one ModelHandler: any work of emch inside of Beam's RunInference."""

import os
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from apache_beam.metrics import Metrics
from apache_beam.ml.inference.base import ModelHandler

from emch.beam.answers import Answer, Request
from emch.beam.figures import NAMESPACE, REFUSED
from emch.beam.work.base import Loaded, Work
from emch.errors import in_words


class EmchHandler(ModelHandler[Any, Answer, Loaded]):  # type: ignore[misc] # Beam is Any to mypy
    """Runs a work on the batches of RunInference."""

    def __init__(self, work: Work, variables: Mapping[str, str]) -> None:
        super().__init__(
            min_batch_size=work.asked.min_batch_size,
            max_batch_size=work.asked.max_batch_size,
            env_vars=dict(variables),
        )
        self._work = work

    def load_model(self) -> Loaded:
        """Load the engine; Beam takes the time of it."""
        return self._work.load()

    def run_inference(
        self,
        batch: Sequence[Any],
        model: Loaded,
        inference_args: Any = None,  # noqa: ARG002 - Beam's signature
    ) -> list[Answer]:
        """Return an answer, or a reason, for each input; nothing is lost with a batch."""
        start = time.perf_counter()
        found = list(answered(batch, model))
        seconds = time.perf_counter() - start
        worker = f"{socket.gethostname()}-{os.getpid()}"
        request = Request(uuid4().hex, len(batch), seconds, worker)
        return [Answer(answer, reason, request) for answer, reason in found]

    def get_num_bytes(self, batch: Sequence[Any]) -> int:
        """Return the bytes of a batch; Beam's own way would pickle it for that."""
        return sum(map(self._work.count_bytes, batch))

    def get_metrics_namespace(self) -> str:
        """Return the namespace of Beam's figures."""
        return namespace_of(self._work.asked.backend)


def answered(batch: Sequence[Any], model: Loaded) -> list[tuple[Any, str | None]]:
    """Run a batch; one that the engine refuses, for want of memory say, is halved and tried again.

    Returns
    -------
    list of (answer, reason)
        For each input one of the two, in their order.
    """
    try:
        return [(answer, None) for answer in model.run(batch)]
    except Exception as error:  # noqa: BLE001 - every engine raises its own types
        Metrics.counter(NAMESPACE, REFUSED).inc()
        if len(batch) == 1:
            return [(None, in_words(error))]
    half = len(batch) // 2
    return [*answered(batch[:half], model), *answered(batch[half:], model)]


def namespace_of(backend: str) -> str:
    """Return the namespace of Beam's metrics: Beam's own where it has a handler for the engine."""
    if backend.startswith(("pytorch", "torchscript")):
        return "BeamML_PyTorch"
    if backend.startswith("onnxruntime"):
        return "BeamML_Onnx"
    return f"BeamML_{backend}"
