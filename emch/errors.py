"""What can go wrong, each with the exit code that design and docs promise; and how it is told."""

import re
from pathlib import Path


class EmchError(Exception):
    """An error whose message is one sentence: what, with which value, and what to do."""

    exit_code = 3


class InvalidInput(EmchError):
    """Bad usage or bad input: the user can mend it by changing what was given."""

    exit_code = 2


class Unavailable(EmchError):
    """An engine, artifact or dataset is missing here: a skip, never a failure."""

    exit_code = 3


class BrokenEngine(Unavailable):
    """An engine is installed and cannot be imported: a skip for asv, and not for `emch doctor`."""


class BrokenArtifact(EmchError):
    """An artifact or a run of it is broken: it is there, but nothing could be measured."""

    exit_code = 3


class LoadFailed(EmchError):
    """An engine refuses an artifact that is whole: it has no code for the network, or a fault."""


class WrongAnswer(EmchError):
    """A backend ran and its output is too far from the reference: a gate is not met."""

    exit_code = 1


class OptionNotHonoured(EmchError):
    """A session uses something else than what was asked for."""


class CompiledWhileTimed(EmchError):
    """The engine compiled for a new shape inside of a timing, so the timing means nothing."""


class ChildFailed(EmchError):
    """The measured process ended with an error or a signal, so there is nothing to report."""


def in_words(error: BaseException) -> str:
    """Say in one line what an exception is; see `told`."""
    trace, where = error.__traceback__, "unknown code"
    while trace is not None:
        code = trace.tb_frame.f_code
        where = code.co_name if code.co_name.isidentifier() else Path(code.co_filename).name
        trace = trace.tb_next
    return told(type(error).__name__, str(error), where)


def told(kind: str, message: str, where: str) -> str:
    """Say in one line what an exception is.

    Parameters
    ----------
    kind, message : str
        The name of its class and its text.
    where : str
        The function that raised it, or the file where it has no name.

    Returns
    -------
    str
        The kind with the first line of the message that has a word in it, and with the next such
        line where that one ends in a colon; or the kind with the function, where there is no word.
    """
    lines = [line.strip() for line in message.splitlines() if re.search(r"\w", line)]
    if not lines:
        return f"{kind} in {where}"
    first = " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
    return f"{kind}: {first}"
