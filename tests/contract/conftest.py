"""The backends that the contract is tested on, each loaded once."""

import os

import pytest

from emch.backends.native.program import Program
from emch.backends.registry import BACKENDS, STUB, get_backend
from emch.errors import LacksInstructions
from emch.runners.contract.subject import Subject

COMPILED = ("pytorch-compile", "pytorch-compile-bf16")


def own_stacks() -> dict[str, str]:
    """Return the stack of each backend that needs versions which do not go with `current`.

    test_other_stacks.py runs these in theirs.
    """
    from emch.tracking.stacks import read_stacks  # asv is not in the other stacks
    from tests.stacks import load_config

    stacks = read_stacks(load_config())
    here = next(stack for stack in stacks if stack.label == "current").backends
    first = {name: stack.label for stack in reversed(stacks) for name in stack.backends}
    return {
        name: label
        for name, label in first.items()
        if name not in here and not issubclass(get_backend(name), Program)
    }


def chosen_backends() -> list[str]:
    """Return what EMCH_TEST_BACKENDS names, or all that share the stack of .venv.

    Programs in other languages have a contract of their own: see tests/native.
    """
    if named := os.environ.get("EMCH_TEST_BACKENDS"):
        return named.split(",")
    elsewhere = own_stacks()
    sessions = [name for name in BACKENDS if not issubclass(get_backend(name), Program)]
    return [*(name for name in sessions if name not in elsewhere), *STUB]


def in_one_process(name: str) -> object:
    """Return a parameter whose tests pytest-xdist does not part, for a backend loads slowly.

    What compiles for a minute is a part of the matrix.
    """
    marks = [pytest.mark.xdist_group(name)]
    if name in COMPILED or get_backend(name).slow_to_load:
        marks.append(pytest.mark.matrix)
    return pytest.param(name, marks=marks)


# Of the session's scope, so that all tests of a backend come one after another.
@pytest.fixture(scope="session", params=map(in_one_process, chosen_backends()))
def subject(request: pytest.FixtureRequest) -> Subject:
    subject = Subject(str(request.param))
    try:
        _ = subject.loaded
    except LacksInstructions as lack:
        pytest.skip(str(lack))  # a failure would be one of the machine, whatever is installed
    return subject
