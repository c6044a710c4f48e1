"""Reading what asv has written: a file that is broken is one sentence, not a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asv.util import UserError

from emch.errors import InvalidInput


@contextmanager
def reading(path: str | Path, remedy: str) -> Iterator[None]:
    """Turn what asv raises over a broken file into a sentence that names the file.

    asv looks at the syntax and the version alone, so a file of another shape breaks the code that
    takes it apart.

    Parameters
    ----------
    path : str or Path
        The file that is read within.
    remedy : str
        What the user can do.

    Raises
    ------
    InvalidInput
        The file cannot be read, or does not have what asv writes.
    """
    try:
        yield
    except (UserError, OSError, ValueError) as error:
        first = str(error).partition("\n")[0]
        raise InvalidInput(f"{path} cannot be read ({first}): {remedy}") from error
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        found = f"{type(error).__name__}: {error}"
        raise InvalidInput(f"{path} does not have what asv writes ({found}): {remedy}") from error
