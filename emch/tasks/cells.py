"""The cells of the asv suite: what a benchmark class asks for, cached where a figure is shared.

A cell is one dataset, backend and batch size.
"""

import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from emch.backends.registry import require_available
from emch.datasets.registry import load_dataset
from emch.errors import EmchError, Unavailable
from emch.models.artifacts import open_artifact
from emch.models.source import DEFAULT_MODEL
from emch.records import Record
from emch.tasks import whole_process
from emch.tasks.check import cosine_to_reference
from emch.tasks.encoding import encoder, usable_cpus
from emch.tasks.semantic_search import SearchResult, search
from emch.tasks.worker import Job

WARM_BATCHES = 4


@cache
def warm_search(dataset: str, backend: str, batch_size: int) -> Callable[[], SearchResult]:
    """Load a backend, check its answers, warm it up, and return the task to be timed.

    asv calls `setup` before every timed call; the cache makes the load happen once a process.

    Raises
    ------
    Unavailable
        The engine, the model or the dataset is missing: a skip.
    EmchError
        The backend is there and cannot be measured, or answers wrongly: a failure.
    """
    texts = load_dataset(dataset)
    open_artifact(DEFAULT_MODEL, require_available(backend).artifact, thorough=True)
    loaded = encoder(backend)
    cosine_to_reference(loaded, DEFAULT_MODEL, batch_size)
    longest_first = sorted(texts.titles, key=len, reverse=True)
    loaded.encode(longest_first[: WARM_BATCHES * batch_size], batch_size)
    return lambda: search(loaded, texts, batch_size)


def whole_process_record(folder: Path, dataset: str, backend: str, batch_size: int) -> Record:
    """Return the record of a cell's one run in a fresh process.

    Parameters
    ----------
    folder : Path
        Where the records of one asv run are kept. The first of a cell's trackers to come makes
        the run, the others read it; an error is kept in the same way.

    Raises
    ------
    Unavailable
        The engine, the model or the dataset is missing: a skip.
    EmchError
        The backend is there and cannot be measured, or answers wrongly: a failure.
    """
    path = folder / f"{dataset}-{backend}-{batch_size}.json"
    if not path.is_file():
        path.write_text(_run(dataset, backend, batch_size), encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    if error := json.loads(text).get("error"):
        raise EmchError(error)
    return Record.from_json(text)


def _run(dataset: str, backend: str, batch_size: int) -> str:
    require_available(backend)
    load_dataset(dataset)
    job = Job(
        backend=backend,
        model=DEFAULT_MODEL,
        dataset=dataset,
        data=None,
        batch_size=batch_size,
        threads=usable_cpus(),
        limit=None,
    )
    _announce(f"measuring {backend} on {dataset}, batch size {batch_size}")
    try:
        return whole_process.run(job).to_json()
    except Unavailable:
        raise
    except EmchError as error:
        return json.dumps({"error": str(error)})


def _announce(text: str) -> None:
    """Write to the file EMCH_PROGRESS, since asv says nothing until a benchmark has ended."""
    if target := os.environ.get("EMCH_PROGRESS"):
        with Path(target).open("a", encoding="utf-8") as stream:
            stream.write(f"    {text}\n")
