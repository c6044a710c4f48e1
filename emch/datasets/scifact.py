"""BEIR SciFact: 300 claims against 5,183 titles, from a local folder or from the Hub.

The dataset is Wadden et al., "Fact or Fiction: Verifying Scientific Claims", 2020.
"""

import csv
import json
import os
from pathlib import Path
from typing import Any

from emch.cache import building, cache_dir, locked
from emch.datasets.base import TITLE, RetrievalDataset
from emch.datasets.beir import CORPUS, QRELS, QUERIES, load_beir, read_entries
from emch.errors import InvalidInput, Unavailable

NAME = "scifact"
QUERY_COUNT = 300
HUB_TEXTS = "BeIR/scifact"
HUB_QRELS = "BeIR/scifact-qrels"


def load(data: Path | None, fields: str = TITLE) -> RetrievalDataset:
    """Load from `data`, else from EMCH_DATA_DIR, else from what `emch prepare` fetched.

    Raises
    ------
    Unavailable
        None of the three places holds the dataset.
    InvalidInput
        `data` was given and is not the dataset, or a file is broken.
    """
    return load_beir(find(data), fields)


def load_abstracts() -> list[str]:
    """Load the abstracts of all documents; it raises what `load` raises."""
    return list(read_entries(find(None) / CORPUS, "text").values())


def find(data: Path | None) -> Path:
    """Return where the dataset is; it raises what `load` raises where it is in no place."""
    if data is not None:
        if not data.is_dir():
            raise InvalidInput(f"--data {data}: no such folder")
        return _inside(data)
    if root := os.environ.get("EMCH_DATA_DIR"):
        folder = _inside(Path(root))
        if (folder / CORPUS).is_file():
            return folder
    if _fetched().is_dir():
        return _fetched()
    raise Unavailable(
        "the dataset 'scifact' is not here: give its folder with --data or EMCH_DATA_DIR, "
        "or fetch it with 'emch prepare --dataset scifact'"
    )


def _inside(folder: Path) -> Path:
    """Accept the dataset's own folder, or one that holds it under its name."""
    return folder / NAME if (folder / NAME).is_dir() else folder


def _fetched() -> Path:
    return cache_dir() / "datasets" / NAME


def fetch() -> None:
    """Download the dataset from the Hub into the cache, unless it is there.

    Raises
    ------
    Unavailable
        The package `datasets` is missing, or the Hub cannot be reached.
    """
    with locked(_fetched().parent):
        if _fetched().is_dir():
            return
        corpus = _download(HUB_TEXTS, "corpus", "corpus")
        queries = _download(HUB_TEXTS, "queries", "queries")
        judgements = _download(HUB_QRELS, None, "test")
        with building(_fetched()) as folder:
            write_beir(folder, corpus, queries, judgements)
            load_beir(folder)


def _download(repository: str, configuration: str | None, split: str) -> Any:
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise Unavailable(
            f"fetching from the Hub needs the package 'datasets' ({error}): pip install 'emch[hub]'"
        ) from error
    try:
        return load_dataset(repository, configuration, split=split)
    except (OSError, ValueError, RuntimeError) as error:
        # datasets reports a Hub that cannot be reached with any of the three.
        raise Unavailable(
            f"the dataset '{repository}' could not be fetched from the Hub "
            f"({type(error).__name__}); give a local folder with --data or EMCH_DATA_DIR"
        ) from error


def write_beir(folder: Path, corpus: Any, queries: Any, judgements: Any) -> None:
    """Write rows as the Hub has them into `folder` in BEIR's layout.

    Parameters
    ----------
    folder : Path
        The folder to write into, which exists.
    corpus, queries, judgements : iterable of dict
        Rows with `_id, title, text`; `_id, text`; `query-id, corpus-id, score`.
    """
    for name, rows in ((CORPUS, corpus), (QUERIES, queries)):
        with (folder / name).open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps({**row, "_id": str(row["_id"])}, ensure_ascii=False) + "\n")
    (folder / QRELS).parent.mkdir()
    with (folder / QRELS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        columns = ["query-id", "corpus-id", "score"]
        writer.writerow(columns)
        writer.writerows([row[column] for column in columns] for row in judgements)
