"""Each check of the contract finds the fault that it is for, and lets a sound backend pass."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from emch.arrays import FloatArray, IntArray
from emch.backends.stub import Stub, StubSession
from emch.errors import Unavailable
from emch.runners.contract import hold, sessions
from emch.runners.contract.hold import CHECKS, find_faults
from emch.runners.contract.subject import Subject

pytestmark = pytest.mark.usefixtures("empty_cache")

Run = Callable[[StubSession, IntArray, IntArray], FloatArray]


def sound(session: StubSession, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
    return StubSession.run(session, input_ids, attention_mask)


def short(session: StubSession, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
    return sound(session, input_ids, attention_mask)[:, :, :-1]


def not_finite(session: StubSession, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
    empty = attention_mask.sum(axis=1) == 2
    return np.where(empty[:, None, None], np.nan, sound(session, input_ids, attention_mask))


def double(session: StubSession, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
    return sound(session, input_ids, attention_mask).astype(np.float64)  # type: ignore[return-value]


def mixing(session: StubSession, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
    hidden = sound(session, input_ids, attention_mask)
    return (hidden + hidden.sum(axis=(0, 1))).astype(np.float32)


def turned(session: StubSession, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
    return sound(session, input_ids, attention_mask)[::-1]


def random(session: StubSession, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
    hidden = sound(session, input_ids, attention_mask)
    return (hidden + 1e-3 * np.random.default_rng().normal(size=hidden.shape)).astype(np.float32)


def raising(*_: object) -> FloatArray:
    raise ZeroDivisionError("of the engine")


@pytest.fixture
def subject(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Subject]:
    """Return what makes a stub with a fault in its run, or in its account of itself."""

    def make(run: Run = sound, **account: Any) -> Subject:
        load = Stub.load

        class Faulty(StubSession):
            def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
                return run(self, input_ids, attention_mask)

        def loaded(folder: Any, options: Any) -> StubSession:
            session = load(folder, options)
            return Faulty(session._hashes, replace(session.info, **account))

        monkeypatch.setattr(Stub, "load", loaded)
        return Subject("stub")

    return make


@pytest.mark.parametrize("name", CHECKS)
def test_sound_backend_passes(name: str) -> None:
    assert not find_faults(CHECKS[name], Subject("stub"))


@pytest.mark.parametrize(
    ("check", "run", "words"),
    [
        ("padding is masked", short, "states of shape"),
        ("padding is masked", double, "float64, not float32"),
        ("padding is masked", mixing, "a text has other states"),
        ("padding changes no embedding", mixing, "another embedding beside longer texts"),
        ("order of texts is kept", turned, "come back as"),
        ("same call gives the same bits", random, "two equal calls differ by up to"),
        ("empty text has an embedding of its own", not_finite, "is not finite"),
        ("order of texts is kept", raising, "ZeroDivisionError: of the engine"),
    ],
)
def test_fault_is_told_in_a_sentence(
    subject: Callable[..., Subject], check: str, run: Run, words: str
) -> None:
    (fault, *_) = find_faults(CHECKS[check], subject(run)) or [""]
    assert words in fault


@pytest.mark.parametrize(
    ("account", "words"),
    [({"provider": ""}, "what executes"), ({"library": "stub"}, "no version of its library")],
)
def test_account_that_says_too_little_is_told(
    subject: Callable[..., Subject], account: dict[str, str], words: str
) -> None:
    (fault,) = find_faults(sessions.session_reports_what_was_asked_for, subject(**account)) or [""]
    assert words in fault


def test_reference_that_does_not_exist_is_no_check_that_holds() -> None:
    assert find_faults(CHECKS["probes agree with the reference"], Subject("stub")) is None


def test_backend_that_is_not_here_is_an_error_and_no_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Stub, "modules", ("no_such_engine",))
    with pytest.raises(Unavailable, match="no_such_engine"):
        hold.hold("stub", "all-MiniLM-L6-v2")
