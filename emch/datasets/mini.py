"""The embedded dataset: our own titles and claims, so that a first run needs no download."""

from pathlib import Path

from emch.datasets.base import TITLE, RetrievalDataset
from emch.datasets.beir import load_beir
from emch.errors import InvalidInput

NAME = "mini"
FOLDER = Path(__file__).parent / "data" / "mini"


def load(data: Path | None, fields: str = TITLE) -> RetrievalDataset:
    """Load the embedded texts; `data` must be None, since there is nothing to look for."""
    if data is not None:
        raise InvalidInput(
            "the dataset 'mini' is part of emch; leave --data out, or name 'scifact'"
        )
    return load_beir(FOLDER, fields)


def fetch() -> None:
    """Do nothing: the dataset is part of the package."""
