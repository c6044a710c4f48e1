"""What is measured, in the words of the benchmark file: a model, and texts."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from emch.datasets import mini
from emch.encoding.batching import BATCH_SIZE
from emch.errors import InvalidInput
from emch.tasks.semantic_search import SemanticSearch
from emch.tasks.text_encoding import TextEncoding
from emch.tracking.quickstart.repo import Repo

SEARCHED_AT_ONCE = 2_000
"""Queries and documents that `emch compare` searches in each launch; more would take minutes."""


@dataclass(frozen=True)
class Subject:
    """What the benchmarks measure.

    Attributes
    ----------
    model : str
        The model as the user named it.
    key : str
        Its key in the cache.
    dataset : str
        The name that the figures are kept under.
    data, file : Path or None
        The folder in BEIR's layout, or the file of texts; neither for the embedded dataset.
    batch_size : int
        Texts at a time.
    function : str or None
        A function of the project's that is measured beside, as `package.module:function`.
    """

    model: str
    key: str
    dataset: str
    data: Path | None = None
    file: Path | None = None
    batch_size: int = BATCH_SIZE
    function: str | None = None

    @property
    def module(self) -> str:
        """The name of the benchmark file, without its ending."""
        return "text_encoding" if self.file else "semantic_search"

    @property
    def compared(self) -> str:
        """The option of `emch compare` for what a commit can change: the project's own code."""
        return f" --bench 'time_.*{self.function}'" if self.function else ""

    @cached_property
    def task(self) -> SemanticSearch | TextEncoding:
        """The task that gives the figures; it reads its texts once."""
        common: dict[str, Any] = {"dataset": self.dataset, "batch_size": self.batch_size}
        if self.file:
            return TextEncoding(file=str(self.file), **common)
        return SemanticSearch(data=str(self.data) if self.data else None, **common)

    @property
    def is_small(self) -> bool:
        """Whether a search takes seconds."""
        task = self.task
        if not isinstance(task, SemanticSearch):
            return False
        return len(task.texts.queries) + len(task.texts.documents) <= SEARCHED_AT_ONCE


def make_subject(
    model: str, key: str, data: Path | None, file: Path | None, **further: Any
) -> Subject:
    """Name what the user has chosen; what else a `Subject` has is `further`.

    Raises
    ------
    InvalidInput
        Texts are given in both ways.
    """
    if data is not None and file is not None:
        raise InvalidInput("--data has queries and --texts has none: give one of them")
    given = data or file
    if given is None:
        return Subject(model, key, mini.NAME, **further)
    name = re.sub(r"[^\w.-]+", "-", given.absolute().stem).strip("-.") or "texts"
    if data is not None and name == mini.NAME:  # which is part of emch, and nothing else
        name = f"own-{name}"
    where = given.absolute()
    return Subject(
        model, key, name, data=where if data else None, file=where if file else None, **further
    )


def model_in_words(subject: Subject, repo: Repo) -> str:
    """Return the Python expression for the model: so that it holds on other machines, if it can."""
    folder = Path(subject.model)
    if folder.is_dir():
        return path_in_words(folder, repo) if repo.tracks(folder) else json.dumps(subject.key)
    return json.dumps(subject.model)


def path_in_words(path: Path, repo: Repo) -> str:
    """Return the Python expression for a file or a folder: by the repository, if it is in there."""
    if repo.tracks(path):
        return f"str(ROOT / {json.dumps(path.resolve().relative_to(repo.root).as_posix())})"
    return json.dumps(str(path.absolute()))
