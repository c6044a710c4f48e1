"""What `emch recommend` measures: all texts, or single calls of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from emch.backends.registry import make_options
from emch.compare.wishes import latency_wish
from emch.encoding.batching import BATCH_SIZE, tokenize
from emch.errors import Unavailable
from emch.measure.cpus import usable_cpus
from emch.models.artifacts import open_artifact
from emch.models.tokenizer import load_tokenizer
from emch.percentiles import samples_needed
from emch.runners import fresh_process
from emch.runners.job import Job
from emch.tasks.base import Task
from emch.tasks.semantic_search import SemanticSearch
from emch.tasks.sentence_encoding import SentenceEncoding
from emch.tasks.text_encoding import TextEncoding
from emch.tracking.quickstart.subject import make_subject

THROUGHPUT = "encode_s"
SAMPLED_TEXTS = 1000


@dataclass(frozen=True)
class Asked:
    """What is measured.

    Attributes
    ----------
    model : str
        The key of the model.
    task : Task
        Encodes all texts, and searches where there are answers.
    latency : Task or None
        Times single calls, where latency is what counts.
    metric : str
        What is to be small.
    """

    model: str
    task: Task
    latency: Task | None
    metric: str

    def run(self, backend: str) -> tuple[float, Mapping[str, float]]:
        """Run a backend once, its answers checked; return the cost and all figures."""
        figures = self._run(backend, self.task)
        if self.latency is not None:
            figures = {**figures, **self._run(backend, self.latency)}
        if self.metric not in figures:
            raise Unavailable(f"the backend '{backend}' has too few calls for {self.metric}")
        return figures[self.metric], figures

    def again(self, backend: str) -> tuple[float, Mapping[str, float]]:
        """Run what gives the cost alone."""
        figures = self._run(backend, self.latency or self.task)
        return figures[self.metric], figures

    def _run(self, backend: str, task: Task) -> Mapping[str, float]:
        options = make_options(backend, threads=usable_cpus())
        job = Job(task=task, backend=backend, model=self.model, options=options)
        return fresh_process.run(job).values()


def ask(
    key: str, data: Path | None, texts: Path | None, batch: int | None, latency: str | None
) -> Asked:
    """Make the tasks.

    Raises
    ------
    InvalidInput
        The texts cannot be read.
    """
    size = batch if batch and not latency else BATCH_SIZE
    task = make_subject(key, key, data, texts, batch_size=size).task
    task.require_inputs(make_options("stub", threads=usable_cpus()))
    if latency is None:
        return Asked(key, task, None, THROUGHPUT)
    metric, _ = latency_wish(latency)
    calls = max(100, samples_needed(int(latency[1:3])))
    timed = SentenceEncoding(
        dataset=f"sentences-{_usual_tokens(key, task)}", batch_size=batch or 1, min_calls=calls
    )
    return Asked(key, task, timed, metric)


def _usual_tokens(key: str, task: SemanticSearch | TextEncoding) -> int:
    """Return the median of the tokens of the texts, which a call is timed on."""
    texts = task.texts.documents if isinstance(task, SemanticSearch) else task.texts
    tokenizer = load_tokenizer(open_artifact(key, "safetensors").folder)
    return int(median(map(len, tokenize(tokenizer, texts[:SAMPLED_TEXTS]))))
