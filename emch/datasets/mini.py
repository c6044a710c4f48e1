"""The embedded dataset: our own titles and claims, so that a first run needs no download."""

from pathlib import Path

from emch.datasets.base import TITLE, RetrievalDataset
from emch.datasets.beir import load_beir
from emch.errors import InvalidInput

NAME = "mini"
QUERY_COUNT = 120
FOLDER = Path(__file__).parent / "data" / "mini"


def load(data: Path | None, fields: str = TITLE) -> RetrievalDataset:
    """Load the embedded texts; see `find`."""
    return load_beir(find(data), fields)


def find(data: Path | None) -> Path:
    """Return where the texts are; `data` must be None, since there is nothing to look for."""
    if data is not None:
        raise InvalidInput(
            "the dataset 'mini' is part of emch; leave --data out, or name 'scifact'"
        )
    return FOLDER


def fetch() -> None:
    """Do nothing: the dataset is part of the package."""
