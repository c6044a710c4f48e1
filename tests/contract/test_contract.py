"""What every backend owes its user; `emch doctor --backend` makes the same checks."""

from typing import Any

import numpy as np
import pytest

from emch.backends.base import TextSession
from emch.backends.registry import get_backend
from emch.encoding.batching import tokenize
from emch.encoding.without_emch import python_lines
from emch.models.agreement import agreement
from emch.runners.contract.hold import CHECKS, find_faults
from emch.runners.contract.subject import Subject


@pytest.mark.parametrize("check", CHECKS)
def test_contract_is_held(subject: Subject, check: str) -> None:
    faults = find_faults(CHECKS[check], subject)
    if faults is None:
        pytest.skip("it does not apply to a backend of this kind, or on this machine")
    assert faults == []


def test_call_covers_what_the_backend_declares(subject: Subject) -> None:
    session = subject.loaded.session
    found = (
        "texts" if isinstance(session, TextSession) else "pooling" if session.pools else "network"
    )
    assert get_backend(subject.name).covers == found


def test_lines_without_emch_answer_alike(subject: Subject) -> None:
    folder = subject.loaded.artifact.folder
    program = python_lines(get_backend(subject.name), folder, 1)
    if program is None:
        pytest.skip("it has none")
    found: dict[str, Any] = {}
    exec(compile(program, subject.name, "exec"), found)  # noqa: S102 - our own lines
    texts = ["Glaciers", "Aspirin and stroke"]
    same = agreement(np.asarray(found["encode"](texts)), subject.loaded.encode(texts))
    assert same.reaches(subject.loaded.info.precision), str(same)


def test_bare_call_runs_without_emch(subject: Subject) -> None:
    session = subject.loaded.session
    if isinstance(session, TextSession):
        assert np.isfinite(session.bare(["Glaciers"])()).all()
        return
    ids = np.array(tokenize(subject.loaded.tokenizer, ["Glaciers"]))
    call = session.bare(ids, np.ones_like(ids))
    call()
    compiled = list(session.compile_s)
    call()
    assert list(session.compile_s) == compiled
