"""The one table of datasets, written from the `NAME` that each file of this folder declares.

`python -m tests.consistency.write` writes it, so that a process imports the file of its own dataset
and no other.
"""

from importlib import import_module
from pathlib import Path

from emch.datasets.base import TITLE, RetrievalDataset
from emch.errors import InvalidInput

DATASETS = {
    "mini": "emch.datasets.mini",
    "scifact": "emch.datasets.scifact",
}


def load_dataset(name: str, data: Path | None = None, fields: str = TITLE) -> RetrievalDataset:
    """Load a dataset by name.

    Parameters
    ----------
    name : str
        A key of `DATASETS`; or any name, where `data` is the folder that it stands for.
    data : Path, optional
        The folder to read instead of the usual places.
    fields : str
        What to read of the documents, one of `emch.datasets.base.FIELDS`.

    Raises
    ------
    InvalidInput
        There is no such dataset, or a file of it is broken.
    Unavailable
        The dataset is known but not here.
    """
    dataset: RetrievalDataset = import_module(_module(name, data)).load(data, fields)
    return dataset


def find_dataset(name: str, data: Path | None = None) -> Path:
    """Return the folder of a dataset, in BEIR's layout; see `load_dataset`."""
    folder: Path = import_module(_module(name, data)).find(data)
    return folder


def fetch_dataset(name: str) -> None:
    """Bring a dataset into the cache, unless it is here already."""
    import_module(_module(name)).fetch()


def query_count(name: str) -> int | None:
    """Return how many queries a dataset has, without reading it; None of one that is not known."""
    found: int | None = import_module(DATASETS[name]).QUERY_COUNT if name in DATASETS else None
    return found


def _module(name: str, data: Path | None = None) -> str:
    if name in DATASETS:
        return DATASETS[name]
    if data is None:
        raise InvalidInput(
            f"unknown dataset '{name}'; known are: {', '.join(DATASETS)}, and any name with its "
            "folder in --data"
        )
    return "emch.datasets.folder"
