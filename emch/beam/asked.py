"""What `emch beam` is asked to do, as the process of the pipeline and its workers are told it."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from emch.errors import InvalidInput
from emch.measure.cpus import usable_cpus

RUNNERS = ("embedded", "flink", "spark", "dataflow")
COUNT = 50_000
"""Inputs where nobody says how many: those of each of Beam's benchmarks."""

SEED = 7
"""Of random weights and of generated inputs."""

BATCH_SIZES = {
    # Beam's benchmarks: apache_beam/testing/benchmarks/inference, 2.77.
    "image-classification": (10, 100),
    "language-modeling": (1, 1),
    "sentence-encoding": (16, 16),
}
"""The least and the greatest number of inputs of a batch, where nobody says."""


def threads_for(workers: int) -> int:
    """Return the threads of each worker where nobody says: its part of the usable CPUs."""
    return max(1, usable_cpus() // workers)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A pipeline.

    Attributes
    ----------
    task : str
        A key of `BATCH_SIZES`.
    model : str
        A name that `emch.beam.work.network_file` knows, a folder or a Hub id; of sentence encoding
        the key of a prepared model.
    backend : str
        What computes.
    threads : int
        Of the engine in each worker.
    random_weights : bool
        Whether the weights are random even where there are others.
    count : int
        Inputs that are generated; with `data` at most as many are read.
    seed : int
        Of the generated inputs.
    data : str or None
        A folder of images, or a file with a text in each line; None for generated inputs.
    min_batch_size, max_batch_size : int
        What Beam's batches lie between; it finds the size by the time that batches take.
    by_length : bool
        Whether the inputs of a bundle are sorted by their length before they become batches.
    runner : str
        One of `RUNNERS`.
    workers : int
        Processes that infer; for Flink the parallelism.
    out : str
        The folder that gets the answers; workers on other machines have to reach it.
    keep_answers : bool
        Whether the answers themselves are written, or their counts alone.
    options : tuple of str
        Further options of Beam, as its own command lines take them.
    """

    task: str
    model: str
    backend: str
    threads: int
    random_weights: bool = False
    count: int = COUNT
    seed: int = SEED
    data: str | None = None
    min_batch_size: int
    max_batch_size: int
    by_length: bool = False
    runner: str = "embedded"
    workers: int = 1
    out: str
    keep_answers: bool = False
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.min_batch_size > self.max_batch_size:
            raise InvalidInput(
                f"--min-batch-size {self.min_batch_size} is greater than --max-batch-size "
                f"{self.max_batch_size}"
            )
        if self.by_length and self.task == "image-classification":
            raise InvalidInput("--by-length is for texts: images have one size")

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Asked":
        """Read what `to_json` wrote."""
        found = json.loads(text)
        return cls(**{**found, "options": tuple(found["options"])})

    def parameters(self) -> dict[str, Any]:
        """Return what a record keeps of it."""
        kept = (
            "count", "seed", "min_batch_size", "by_length", "runner", "workers",
        )  # fmt: skip
        return {
            "dataset": self.data or "generated",
            "batch_size": self.max_batch_size,
            **{name: getattr(self, name) for name in kept},
        }
