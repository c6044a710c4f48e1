"""The extras of this package that building an artifact needs."""

from collections.abc import Iterator
from contextlib import contextmanager

from emch.errors import Unavailable


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Name the extra of emch that installs what could not be imported."""
    try:
        yield
    except ImportError as error:
        raise Unavailable(
            f"building this needs more packages ({error}): pip install 'emch[{extra}]'"
        ) from error
