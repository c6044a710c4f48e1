"""Any folder in BEIR's layout, by a name that the user gives it."""

from pathlib import Path

from emch.datasets.base import TITLE, RetrievalDataset
from emch.datasets.beir import load_beir
from emch.errors import InvalidInput


def load(data: Path, fields: str = TITLE) -> RetrievalDataset:
    """Load the folder `data`.

    Raises
    ------
    InvalidInput
        There is no such folder, or a file of it is missing or broken.
    """
    return load_beir(find(data), fields)


def find(data: Path) -> Path:
    """Return the folder, which must be there."""
    if not data.is_dir():
        raise InvalidInput(f"--data {data}: no such folder")
    return data
