"""The cells of the asv suite: what a benchmark class asks for, cached where a figure is shared.

A cell is a task with its parameters and a backend.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from itertools import cycle
from pathlib import Path

from emch.arrays import FloatArray
from emch.backends.registry import make_options, open_model, require_available
from emch.cache import replace_file
from emch.encoding.check import cosine_to_reference
from emch.encoding.encoder import Encoder, encoder
from emch.errors import EmchError, as_raised, handed_over
from emch.measure.cpus import usable_cpus
from emch.models.probes import PROBES
from emch.models.source import DEFAULT_MODEL
from emch.records import Record
from emch.runners import fresh_process
from emch.runners.job import Job
from emch.tasks.base import Outcome, Task
from emch.tasks.semantic_search import SemanticSearch
from emch.tasks.sentence_encoding import batches_for

WARM_BATCHES = 4


@cache
def loaded(backend: str) -> Encoder:
    """Load a backend once a process, for all that is measured and asked of it there."""
    require_available(backend)
    open_model(backend, DEFAULT_MODEL, thorough=True)
    return encoder(backend)


def checked(backend: str, batch_size: int) -> Encoder:
    """Return the loaded backend once its answers at a batch size are right."""
    used = loaded(backend)
    cosine_to_reference(used, DEFAULT_MODEL, batch_size)
    return used


@cache
def warm_search(dataset: str, backend: str, batch_size: int) -> Callable[[], Outcome]:
    """Load a backend, check its answers, warm it up, and return the task to be timed.

    asv calls `setup` before every timed call; the cache makes the load happen once a process.

    Raises
    ------
    Unavailable
        The engine, the model or the dataset is missing: a skip.
    EmchError
        The backend is there and cannot be measured, or answers wrongly: a failure.
    """
    task = SemanticSearch(dataset=dataset, batch_size=batch_size)
    used = checked(backend, batch_size)
    if used.compile_s:  # it compiles for each shape, so every shape has to have been seen
        task.run(used)
    longest_first = sorted(task.texts.documents, key=len, reverse=True)
    used.encode(longest_first[: WARM_BATCHES * batch_size], batch_size)
    return lambda: task.run(used)


@cache
def warm_batches(dataset: str, backend: str, batch_size: int) -> Callable[[], object]:
    """Return a callable that encodes a batch of sentences, another one at each call.

    Loaded, checked and warmed as by `warm_search`, which says what it raises.
    """
    used = checked(backend, batch_size)
    calls = [work.call(used) for work in batches_for(used, dataset, batch_size)]
    for call in calls:
        call()
    turn = cycle(calls)

    def call_next() -> object:
        return next(turn)()

    return call_next


def probe_embeddings(backend: str) -> FloatArray:
    """Return the embeddings of the probe texts, [probes, hidden], each encoded by itself."""
    return loaded(backend).encode(PROBES, batch_size=1)


def cell_record(folder: Path, task: Task, backend: str, threads: int | None = None) -> Record:
    """Return the record of a cell's one run in a fresh process.

    Parameters
    ----------
    folder : Path
        Where the records of one asv run are kept. The first of a cell's trackers to come makes
        the run, the others read it; an error is kept in the same way.
    task : Task
        The task to run.
    backend : str
        The name of the backend.
    threads : int, optional
        Threads of each session; by default as many as there are usable CPUs.

    Raises
    ------
    Unavailable
        The engine, the model or the dataset is missing: a skip.
    EmchError
        The backend is there and cannot be measured, or answers wrongly: a failure.
    """
    require_available(backend)
    options = make_options(backend, threads=threads or usable_cpus())
    task.require_inputs(options)
    job = Job(task=task, backend=backend, model=DEFAULT_MODEL, options=options)
    cell = "-".join(map(str, (task.name, backend, options.threads, *asdict(task).values())))
    return kept_record(folder, cell, lambda: fresh_process.run(job))


def kept_record(folder: Path, cell: str, measure: Callable[[], Record]) -> Record:
    """Return the record of a cell, or raise its error again, by what was kept of its one run."""
    path = folder / f"{cell}.json"
    if not path.is_file():
        _announce(f"measuring {cell}")
        try:
            found = measure().to_json()
        except EmchError as error:
            found = json.dumps(handed_over(error))
        replace_file(path, found)
    text = path.read_text(encoding="utf-8")
    if "error" in (kept := json.loads(text)):
        raise as_raised(kept)
    return Record.from_json(text)


def _announce(text: str) -> None:
    """Write to the file EMCH_PROGRESS, since asv says nothing until a benchmark has ended."""
    if target := os.environ.get("EMCH_PROGRESS"):
        with Path(target).open("a", encoding="utf-8") as stream:
            stream.write(f"    {text}\n")
