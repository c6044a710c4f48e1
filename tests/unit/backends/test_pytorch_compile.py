"""The compiled backend's own business: which compilations a session answers for."""

from importlib.util import find_spec
from threading import Thread
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from emch.backends.base import SessionInfo
from emch.backends.pytorch.compiled import CompiledSession
from tests.conftest import Require

INFO = SessionInfo(threads=1, precision="fp32", provider="eager", library="torch")
ONES = np.ones((2, 3), dtype=np.int64)


@pytest.fixture(autouse=True)
def _torch(require: Require) -> None:
    require(find_spec("torch"), "torch is not installed")


def compiled_session() -> CompiledSession:
    """Return a session whose model is compiled by its first call."""
    import torch

    def add(input_ids: Any, attention_mask: Any) -> SimpleNamespace:
        return SimpleNamespace(last_hidden_state=input_ids + attention_mask)

    # PyTorch keeps what it compiled by the code object, which sessions would share.
    add.__code__ = add.__code__.replace()
    return CompiledSession(torch.compile(add, backend="eager"), INFO)


def test_first_call_is_timed_as_a_compilation_and_the_second_is_none() -> None:
    session = compiled_session()
    session.run(ONES, ONES)
    assert len(session.compile_s) == 1
    assert 0 < session.compile_s[0] < 60
    session.run(ONES, ONES)
    assert len(session.compile_s) == 1


def test_session_answers_for_no_compilation_of_another_thread() -> None:
    inner = compiled_session()

    def run_inner(**_: Any) -> SimpleNamespace:
        thread = Thread(target=inner.run, args=(ONES, ONES))
        thread.start()
        thread.join()
        import torch

        return SimpleNamespace(last_hidden_state=torch.ones(1))

    outer = CompiledSession(run_inner, INFO)
    outer.run(ONES, ONES)
    assert (len(inner.compile_s), len(outer.compile_s)) == (1, 0)


def test_compilation_outside_of_any_call_is_nobodys() -> None:
    import torch

    session = compiled_session()
    torch.compile(lambda ones: ones + 1, backend="eager")(torch.ones(2))
    assert list(session.compile_s) == []
