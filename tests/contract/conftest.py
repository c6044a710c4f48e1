"""Which backends the contract is held against, each loaded once."""

import os
from functools import cache

import pytest

from emch.backends.registry import BACKENDS, require_available
from emch.tasks.encoding import Encoder, encoder

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
    return [name for name in BACKENDS if name not in OWN_STACK]


@cache
def load(name: str, threads: int) -> Encoder:
    require_available(name)
    return encoder(name, threads=threads)


@pytest.fixture(params=chosen_backends())
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def loaded(backend: str) -> Encoder:
    return load(backend, 2)
