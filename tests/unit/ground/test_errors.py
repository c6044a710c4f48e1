"""An error is told in words, and arrives from another process as what it was there."""

import json
import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pytest

import benchmarks
import emch
from emch import errors
from emch.errors import EmchError, as_raised, handed_over, in_words, told

KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, EmchError)
]


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


def below(kind: type[EmchError]) -> Iterator[type[EmchError]]:
    """Yield every subclass of an error that has been defined anywhere, and itself."""
    yield kind
    for each in kind.__subclasses__():
        yield from below(each)


def test_all_errors_live_in_one_file() -> None:
    for package in (emch, benchmarks):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    ours = {kind for kind in below(EmchError) if kind.__module__.startswith(("emch", "benchmarks"))}
    strays = {f"{kind.__module__}.{kind.__name__}" for kind in ours - set(KINDS)}
    assert strays == set(), "as_raised would not find it: define it in emch/errors.py"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_error_arrives_as_what_it_was(kind: type[EmchError]) -> None:
    raised = as_raised(json.loads(json.dumps(handed_over(kind("in one sentence")))))
    assert (type(raised), str(raised)) == (kind, "in one sentence")
    assert raised.exit_code == kind.exit_code


@pytest.mark.parametrize("kind", ["OfALaterEmch", "Path", "re"])
def test_kind_that_is_not_known_is_the_common_one(kind: str) -> None:
    raised = as_raised({"kind": kind, "error": "in one sentence"})
    assert (type(raised), str(raised)) == (EmchError, "in one sentence")
