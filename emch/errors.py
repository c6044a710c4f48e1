"""What can go wrong, each with its exit code; how it is told, and how another process hears of it.

All errors of emch are in this file, so that `as_raised` finds each of them by its name.
"""

import re
from collections.abc import Mapping
from pathlib import Path


class EmchError(Exception):
    """An error whose message is one sentence: what, with which value, and what to do."""

    exit_code = 3


class InvalidInput(EmchError):
    """Bad usage or bad input: the user can correct what was given."""

    exit_code = 2


class Unavailable(EmchError):
    """An engine, artifact or dataset is missing here: a skip, never a failure."""

    exit_code = 3


class LacksInstructions(Unavailable):
    """The CPU or the GPU has no instructions for a precision: nothing can be installed for it."""


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


class Overloaded(EmchError):
    """More requests came than were served, so their latency says how long the run was."""


class ChildFailed(EmchError):
    """The measured process ended with an error or a signal, so there is nothing to report."""


class ChildHung(ChildFailed):
    """The measuring process gave no answer in time, so it was killed."""


class WorkerEnded(EmchError):
    """A measuring process of a comparison cannot go on; the text says why.

    Attributes
    ----------
    name : str
        Of the worker; empty where it is not known.
    """

    def __init__(self, reason: str, name: str = "") -> None:
        super().__init__(reason)
        self.name = name


class Poisoned(EmchError):
    """An input of a pipeline can never be answered: it becomes a dead letter with this reason."""


class WorkerLost(EmchError):
    """A worker process of a pipeline was killed or ended: the pipeline can be run again."""


class WrongProduct(EmchError):
    """A product of matrices is not what it should be, so its speed means nothing."""


class WrongLibrary(EmchError):
    """A library of the site is not what asv's page says it must be."""


class ServerAway(EmchError):
    """A server does not answer, or says that it cannot now: it may be there again later."""


def handed_over(error: EmchError) -> dict[str, str]:
    """Return an error as JSON has it, for another process; `as_raised` reads it."""
    return {"error": str(error), "kind": type(error).__name__}


def as_raised(found: Mapping[str, str]) -> EmchError:
    """Return an error as it was where it was raised, so that a skip stays a skip.

    Parameters
    ----------
    found : mapping of str to str
        What `handed_over` returned: the `error`, which is the message, and its `kind`.

    Returns
    -------
    EmchError
        Of that kind; of the common one where this emch has no such kind.
    """
    kind = globals().get(found["kind"])
    if isinstance(kind, type) and issubclass(kind, EmchError):
        return kind(found["error"])
    return EmchError(found["error"])


class CheckRaised(EmchError):
    """An engine raised an error while the contract was checked."""


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
