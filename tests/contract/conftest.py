"""Which backends the contract is held against, each loaded once."""

import os

import pytest

from emch.backends.registry import BACKENDS, STUB
from emch.runners.contract.subject import Subject

# These need versions that do not go with the others: test_other_stacks.py runs them in theirs.
OWN_STACK = {
    "pytorch-bettertransformer": "bettertransformer",
    "onnxruntime-openvino": "onnxruntime-openvino",
    "deepsparse": "deepsparse",
}


def chosen_backends() -> list[str]:
    """Return what EMCH_TEST_BACKENDS names, or all that share the stack of .venv."""
    if named := os.environ.get("EMCH_TEST_BACKENDS"):
        return named.split(",")
    return [*(name for name in BACKENDS if name not in OWN_STACK), *STUB]


def in_one_process(name: str) -> object:
    """Return a parameter whose tests pytest-xdist does not part, for a backend loads slowly."""
    return pytest.param(name, marks=pytest.mark.xdist_group(name))


# Of the session's scope, so that all tests of a backend come one after another.
@pytest.fixture(scope="session", params=map(in_one_process, chosen_backends()))
def subject(request: pytest.FixtureRequest) -> Subject:
    return Subject(str(request.param))
