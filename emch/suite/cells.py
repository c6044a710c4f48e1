"""The cells of the asv suite: what a benchmark class asks for, cached where a figure is shared.

A cell is a task with its parameters and a backend.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache, partial
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from emch.arrays import FloatArray
from emch.backends.callables import CallableBackend
from emch.backends.registry import (
    get_backend,
    make_options,
    open_model,
    require_available,
    resolve_model_for,
)
from emch.cache import replace_file
from emch.encoding.check import cosine_to_reference
from emch.encoding.encoder import Encoder, encoder
from emch.encoding.first import TEXTS
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
WARM_CALLS = 2


class Subject(NamedTuple):
    """What a cell loads.

    Attributes
    ----------
    model : str
        A prepared model, by name, folder, Hub id or key.
    first : Path or None
        The first answers, of a function of the project's; others have no need of them.
    """

    model: str = DEFAULT_MODEL
    first: Path | None = None


DEFAULT_SUBJECT = Subject()


def key_of(backend: str, model: str) -> str:
    """Return the key of a prepared model; a backend that brings its own takes no other."""
    own = require_available(backend).own_model() is not None
    return resolve_model_for(backend, DEFAULT_MODEL if own else model)


@cache
def loaded(backend: str, model: str = DEFAULT_MODEL) -> Encoder:
    """Load a backend once a process, for all that is measured and asked of it there."""
    key = key_of(backend, model)
    open_model(backend, key, thorough=True)
    return encoder(backend, model=key)


def checked(backend: str, batch_size: int, model: str = DEFAULT_MODEL) -> Encoder:
    """Return the loaded backend once its answers at a batch size are right."""
    used = loaded(backend, model)
    cosine_to_reference(used, key_of(backend, model), batch_size)
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


@cache
def warm_encoding(
    texts: Sequence[str], backend: str, batch_size: int, model: str = DEFAULT_MODEL
) -> Callable[[], FloatArray]:
    """Return a callable that encodes some texts: the same ones, whole, at each call.

    Loaded, checked and warmed as by `warm_search`, which says what it raises.

    Parameters
    ----------
    texts : tuple of str
        The texts.
    backend : str
        The name of the backend, or `package.module:function`.
    batch_size : int
        Texts that go through the engine at a time.
    model : str
        A prepared model, by name, folder, Hub id or key.
    """
    used = checked(backend, batch_size, model)
    call = partial(used.encode, texts, batch_size)
    for _ in range(WARM_CALLS):
        call()
    return call


def probe_embeddings(backend: str, model: str = DEFAULT_MODEL) -> FloatArray:
    """Return the embeddings of texts that go wrong where encoders do, each encoded by itself.

    Returns
    -------
    ndarray of float32, shape [texts, size]
    """
    used = loaded(backend, model)
    return used.encode(TEXTS if used.artifact.own else PROBES, batch_size=1)


def hits(task: SemanticSearch, backend: str, model: str = DEFAULT_MODEL) -> list[bool]:
    """Search once with a loaded backend; say of each query whether its top document is right."""
    return [hit > 0 for hit in task.run(loaded(backend, model)).samples["hit"]]


def cell_record(
    folder: Path,
    task: Task,
    backend: str,
    threads: int | None = None,
    subject: Subject = DEFAULT_SUBJECT,
) -> Record:
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
    subject : Subject
        What is loaded, and what its answers are held against.

    Raises
    ------
    Unavailable
        The engine, the model or the dataset is missing: a skip.
    EmchError
        The backend is there and cannot be measured, or answers wrongly: a failure.
    """
    key, first = key_of(backend, subject.model), subject.first
    options = make_options(backend, threads=threads or usable_cpus())
    task.require_inputs(options)
    is_function = issubclass(get_backend(backend), CallableBackend)
    job = Job(
        task=task, backend=backend, model=key, options=options,
        first=str(first) if is_function and first else None,
    )  # fmt: skip
    cell = "-".join(map(str, (task.name, backend, key, options.threads, *asdict(task).values())))
    return kept_record(folder, cell, lambda: fresh_process.run(job))


def kept_record(folder: Path, cell: str, measure: Callable[[], Record]) -> Record:
    """Return the record of a cell, or raise its error again, by what was kept of its one run."""
    path = folder / f"{hashlib.sha256(cell.encode()).hexdigest()[:32]}.json"
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
