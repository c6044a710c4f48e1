"""Timed calls are of warm sessions and of batches of fixed shape, and what was made is counted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Options, SessionInfo, TextSession
from emch.backends.stub import MAX_TOKENS
from emch.encoding.encoder import Encoder
from emch.errors import InvalidInput
from emch.measure import cpus as cpus_module
from emch.models.settings import Role
from emch.tasks.sentence_encoding import (
    BATCHES,
    WARM_ROUNDS,
    CompiledWhileTimed,
    SentenceEncoding,
)
from tests.unit.toy import SETTINGS, TOKENIZER, ToySession

CALLS = 20  # more than there are batches, and no multiple of them
WARM = WARM_ROUNDS * BATCHES


class ToyText(TextSession):
    info = SessionInfo(threads=1, precision="fp32", provider="toy", library="toy 1")

    def __init__(self) -> None:
        self.seen: list[tuple[Sequence[str], int]] = []

    def encode(self, texts: Sequence[str], batch_size: int, role: Role) -> FloatArray:
        assert role == "text"
        self.seen.append((texts, batch_size))
        return np.ones((len(texts), 4), dtype=np.float32)


class ToyEncoder:
    """What a task sees of an encoder; every session that was made is kept."""

    name = "toy"
    tokenizer = TOKENIZER
    settings = SETTINGS

    def __init__(self, make: Callable[[], Any], made: list[Any]) -> None:
        self._make, self._made = make, made
        self.session = make()
        made.append(self.session)

    @property
    def compile_s(self) -> Sequence[float]:
        return getattr(self.session, "compile_s", ())

    def again(self) -> "ToyEncoder":
        return ToyEncoder(self._make, self._made)


def run(task: SentenceEncoding, make: Callable[[], Any] = ToySession) -> tuple[Any, list[Any]]:
    """Run a task over toys; return the outcome and the sessions."""
    made: list[Any] = []
    outcome = task.run(cast("Encoder", ToyEncoder(make, made)))
    return outcome, made


def task(**parameters: Any) -> SentenceEncoding:
    """Return a task that makes just `CALLS` calls, however slow they are."""
    chosen = {"dataset": "sentences-16", "batch_size": 2, "min_calls": CALLS, "min_seconds": 0.0}
    return SentenceEncoding(**{**chosen, "max_seconds": 3600.0, **parameters})


def test_every_call_has_the_shape_that_was_asked_for() -> None:
    _, (session,) = run(task(batch_size=3))
    assert {ids.shape for ids, _ in session.seen} == {(3, 16)}
    assert all(mask.all() for _, mask in session.seen)
    assert len({ids.tobytes() for ids, _ in session.seen}) == BATCHES


def test_calls_sentences_and_tokens_are_counted() -> None:
    outcome, _ = run(task(batch_size=3))
    assert outcome.counts == {
        "calls": CALLS,
        "sentences": 3 * CALLS,
        "tokens": 3 * 16 * CALLS,
        "flop": 3 * CALLS * ToyEncoder.settings.count_flop(16),
    }
    assert len(outcome.samples["call_s"]) == CALLS
    assert outcome.samples["elapsed_s"] == [sum(outcome.samples["call_s"])]


def test_padding_is_no_token() -> None:
    outcome, (session,) = run(task(dataset="titles", batch_size=4))
    timed = session.seen[WARM:]
    assert outcome.counts["tokens"] == sum(int(mask.sum()) for _, mask in timed)
    assert outcome.counts["tokens"] < sum(mask.size for _, mask in timed)


def test_every_batch_is_run_twice_before_it_is_timed() -> None:
    _, (session,) = run(task())
    assert len(session.seen) == WARM + CALLS
    batches = [ids.tobytes() for ids, _ in session.seen]
    assert batches[:BATCHES] == batches[BATCHES:WARM]
    assert set(batches[WARM:]) == set(batches[:BATCHES])


def test_each_caller_has_a_session_of_its_own_and_all_are_warm() -> None:
    outcome, sessions = run(task(callers=3))
    assert [len(session.seen) for session in sessions] == [WARM + CALLS] * 3
    assert outcome.counts["calls"] == len(outcome.samples["call_s"]) == 3 * CALLS
    assert len(outcome.samples["elapsed_s"]) == 1


def test_library_that_encodes_texts_gets_the_texts_of_the_same_batches() -> None:
    _, (texts,) = run(task(), ToyText)
    _, (arrays,) = run(task())
    assert {batch_size for _, batch_size in texts.seen} == {2}
    encoded = [
        [encoding.ids for encoding in TOKENIZER.encode_batch(list(batch))]
        for batch, _ in texts.seen
    ]
    assert encoded == [ids.tolist() for ids, _ in arrays.seen]


def compiling(after: int) -> Callable[[], ToySession]:
    """Return a maker of sessions that compile in each of their first `after` runs."""

    def make() -> ToySession:
        def on_run(_: IntArray) -> None:
            if len(session.seen) <= after:
                session.compiled.append(0.1)

        session = ToySession(on_run=on_run)
        return session

    return make


def test_compilation_while_warming_up_is_fine() -> None:
    outcome, (session,) = run(task(), compiling(WARM))
    assert len(session.compiled) == WARM
    assert outcome.counts["calls"] == CALLS


@pytest.mark.parametrize("callers", [1, 2])
def test_compilation_while_timed_is_an_error(callers: int) -> None:
    with pytest.raises(CompiledWhileTimed, match="toy compiled while it was timed"):
        run(task(callers=callers), compiling(WARM + 1))


def test_compilation_of_another_caller_than_the_first_is_seen() -> None:
    made = iter([ToySession(), compiling(WARM + CALLS)()])
    with pytest.raises(CompiledWhileTimed):
        run(task(callers=2), lambda: next(made))


def test_error_of_the_engine_comes_out() -> None:
    def fail(_: IntArray) -> None:
        raise ZeroDivisionError("of the engine")

    with pytest.raises(ZeroDivisionError, match="of the engine"):
        run(task(), lambda: ToySession(on_run=fail))


@pytest.mark.parametrize(
    ("callers", "threads", "cpus", "fits"),
    [(1, 2, 2, True), (2, 1, 2, True), (2, 2, 2, False), (3, 1, 2, False), (1, 3, 2, False)],
)
def test_more_threads_than_cpus_are_refused(
    monkeypatch: pytest.MonkeyPatch, callers: int, threads: int, cpus: int, fits: bool
) -> None:
    monkeypatch.setattr(cpus_module, "usable_cpus", lambda: cpus)
    wanted, options = task(callers=callers), Options(threads=threads)
    if fits:
        wanted.require_inputs(options)
        return
    if callers == 1:
        refused = f"^{threads} threads need {threads} CPUs, and {cpus} are usable"
    else:
        refused = f"^{callers} callers x {threads} threads need {callers * threads} CPUs"
    with pytest.raises(InvalidInput, match=refused):
        wanted.require_inputs(options)
    wanted.require_inputs(replace(options, oversubscribe=True))


@pytest.mark.parametrize("dataset", ["mini", "sentences-0", "sentences", ""])
def test_unknown_dataset_is_refused_before_an_engine_is_loaded(dataset: str) -> None:
    with pytest.raises(InvalidInput, match=f"unknown dataset '{dataset}'"):
        task(dataset=dataset).require_inputs(Options(threads=1))


def test_length_that_the_model_cuts_is_refused_before_anything_is_run() -> None:
    made: list[Any] = []
    too_long = task(dataset=f"sentences-{MAX_TOKENS + 1}")
    with pytest.raises(InvalidInput, match="cannot be made with this tokenizer"):
        too_long.run(cast("Encoder", ToyEncoder(ToySession, made)))
    assert made[0].seen == []
