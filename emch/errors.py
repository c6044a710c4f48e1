"""What can go wrong, each with the exit code that design and docs promise."""


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


class WrongAnswer(EmchError):
    """A backend ran and its output is too far from the reference: a gate is not met."""

    exit_code = 1
