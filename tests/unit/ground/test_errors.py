"""An error is told in words, and arrives from another process as what it was there."""

import pkgutil
from importlib import import_module

import pytest

import emch
from emch import errors
from emch.errors import EmchError, in_words, told
from emch.runners.fresh_process import as_raised

MEASURED = ("emch.backends", "emch.datasets", "emch.models", "emch.tasks", "emch.measure.process")
"""What runs in a measured process, and what starts it."""


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("no such file", "ValueError: no such file"),
        ("\n\n  the first\nthe second", "ValueError: the first"),
        ("-----\n=====\nwhat it is", "ValueError: what it is"),
        (
            "Error(s) in loading:\n\tMissing key: x\n\tmore",
            "ValueError: Error(s) in loading: Missing key: x",
        ),
        ("", "ValueError in read_weights"),
        (" \n \n", "ValueError in read_weights"),
        ("---", "ValueError in read_weights"),
    ],
)
def test_exception_is_its_kind_and_what_its_message_says(message: str, words: str) -> None:
    assert told("ValueError", message, "read_weights") == words


def test_exception_without_a_message_says_where_it_was_raised() -> None:
    def read_weights() -> None:
        next(iter(()))

    with pytest.raises(StopIteration) as found:
        read_weights()
    assert in_words(found.value) == "StopIteration in read_weights"
    with pytest.raises(StopIteration) as found:
        exec("next(iter(()))")  # noqa: S102 - code without the name of a function
    assert in_words(found.value) == "StopIteration in <string>"


def test_footer_that_a_library_adds_is_no_message() -> None:
    error = ZeroDivisionError("of the engine")
    error.add_note("For simplicity, JAX has removed its internal frames")
    assert in_words(error) == "ZeroDivisionError: of the engine"


def kinds() -> list[type[EmchError]]:
    """Return every error that a measured process can raise or be told of."""
    for module in pkgutil.walk_packages(emch.__path__, "emch."):
        if module.name.startswith(MEASURED):
            import_module(module.name)
    found, waiting = [], [EmchError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__ == "emch.errors" or kind.__module__.startswith(MEASURED):
            found.append(kind)
    return found


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_error_arrives_as_what_it_was(kind: type[EmchError]) -> None:
    raised = as_raised({"kind": kind.__name__, "error": "in one sentence"})
    assert type(raised) is kind
    assert str(raised) == "in one sentence"
    assert raised.exit_code == kind.exit_code
    assert vars(errors)[kind.__name__] is kind
