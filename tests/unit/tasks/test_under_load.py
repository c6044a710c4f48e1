"""A load goes to warm sessions as the scenario says, and every latency is kept."""

import time
from collections.abc import Callable
from dataclasses import fields
from typing import Any, cast

import numpy as np
import pytest

from emch.arrays import IntArray
from emch.backends.base import Options, SessionInfo
from emch.encoding.encoder import Encoder
from emch.errors import CompiledWhileTimed, InvalidInput, Overloaded
from emch.measure import cpus as cpus_module
from emch.scenarios.elastic import Elastic
from emch.scenarios.registry import SCENARIOS
from emch.scenarios.server import Server
from emch.tasks.sentence_encoding import BATCHES, WARM_ROUNDS, batches_for
from emch.tasks.under_load import UnderLoad, join
from tests.unit.tasks.test_sentence_encoding import ToyEncoder
from tests.unit.toy import ToySession

REQUESTS = 30
WARM = WARM_ROUNDS * BATCHES


class Toy(ToyEncoder):
    """A toy that tells what it uses."""

    @property
    def info(self) -> SessionInfo:
        return cast("SessionInfo", self.session.info)

    def again(self) -> "Toy":
        return Toy(self._make, self._made)


def task(**parameters: Any) -> UnderLoad:
    """Return a task that sends just `REQUESTS` requests, however long they take."""
    chosen = {"dataset": "sentences-16", "batch_size": 2, "scenario": "sync"}
    limits = {"min_calls": REQUESTS, "min_seconds": 0.0, "max_seconds": 3600.0}
    return UnderLoad(**{**chosen, **limits, **parameters})


def run(wanted: UnderLoad, make: Callable[[], Any] = ToySession) -> tuple[Any, list[Any]]:
    """Run a task over toys; return the outcome and the sessions."""
    made: list[Any] = []
    return wanted.run(cast("Encoder", Toy(make, made))), made


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "elastic"])
def test_every_request_is_a_batch_and_has_a_latency(scenario: str) -> None:
    outcome, (session,) = run(task(scenario=scenario, request_rate=2000.0))
    assert len(session.seen) == WARM + REQUESTS
    assert {ids.shape for ids, _ in session.seen} == {(2, 16)}
    assert len(outcome.samples["call_s"]) == REQUESTS
    assert len(outcome.samples["elapsed_s"]) == 1
    assert outcome.counts["requests"] == REQUESTS
    assert outcome.counts["sentences"] == 2 * REQUESTS
    assert outcome.counts["tokens"] == 2 * 16 * REQUESTS
    assert 0 <= outcome.counts["late"] <= REQUESTS


def test_rate_is_told_where_requests_arrive_at_one() -> None:
    outcome, _ = run(task(scenario="server", request_rate=2000.0))
    assert outcome.samples["offered_rate"] == [2000.0]
    outcome, _ = run(task(scenario="sync"))
    assert "offered_rate" not in outcome.samples


def test_requests_go_through_all_batches_in_turn() -> None:
    _, (session,) = run(task())
    timed = [ids.tobytes() for ids, _ in session.seen[WARM:]]
    assert timed[:BATCHES] * 3 == timed[: 3 * BATCHES]
    assert len(set(timed)) == BATCHES


def test_elastic_joins_requests_in_one_call() -> None:
    outcome, (session,) = run(task(scenario="elastic", most=4, deadline_ms=1000.0))
    sizes = [len(ids) for ids, _ in session.seen]
    assert set(sizes[: WARM + 3]) == {2, 4, 6, 8}, "every size is warm"
    assert sum(sizes[WARM + 3 :]) == 2 * REQUESTS
    assert max(sizes) == 8
    assert len(outcome.samples["call_s"]) == REQUESTS


def test_joined_batches_are_padded_to_the_longest() -> None:
    wanted = task(dataset="titles", batch_size=1, scenario="elastic", most=8)
    _, (session,) = run(wanted)
    joined = [(ids, mask) for ids, mask in session.seen if len(ids) == 8]
    assert joined
    for ids, mask in joined:
        assert ids.shape == mask.shape
        assert mask.sum(axis=1).max() == ids.shape[1]
        assert (ids[mask == 0] == Toy.settings.pad_id).all()


def test_join_keeps_texts_and_operations() -> None:
    one, other = batches_for(cast("Encoder", Toy(ToySession, [])), "titles", 1)[:2]
    both = join([one, other], pad_id=0)
    assert both.texts == [*one.texts, *other.texts]
    assert both.flop == one.flop + other.flop
    assert both.tokens == one.tokens + other.tokens


def test_callers_have_a_session_each_and_streams_share_one() -> None:
    wanted = task(scenario="async", callers=2, min_calls=200)
    outcome, sessions = run(
        wanted, lambda: ToySession(streams=2, on_run=lambda _: time.sleep(0.001))
    )
    assert len(sessions) == 2
    assert len(outcome.further) == 1
    assert all(len(session.seen) > 2 * WARM for session in sessions)
    assert sum(len(session.seen) - 2 * WARM for session in sessions) == 200


def test_compilation_while_timed_is_an_error() -> None:
    def make() -> ToySession:
        def on_run(_: IntArray) -> None:
            if len(session.seen) == WARM + 5:
                session.compiled.append(0.1)

        session = ToySession(on_run=on_run)
        return session

    with pytest.raises(CompiledWhileTimed, match="toy compiled while it was timed"):
        run(task(), make)


def test_requests_that_were_left_are_an_error_and_no_figure() -> None:
    """The backend takes 20 ms and the requests come every millisecond, for half a second."""
    wanted = task(scenario="server", request_rate=1000.0, min_seconds=0.5, min_calls=1)
    with pytest.raises(Overloaded, match=r"toy served \S+ requests per second, and \d+ of 499"):
        run(wanted, lambda: ToySession(on_run=lambda _: time.sleep(0.02)))


def test_latency_of_an_engine_is_no_less_than_its_call() -> None:
    outcome, _ = run(task(), lambda: ToySession(on_run=lambda _: time.sleep(0.003)))
    assert np.min(outcome.samples["call_s"]) >= 0.003


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"scenario": "storm"}, "unknown scenario 'storm'; known are: sync, async"),
        ({"scenario": "server"}, "the scenario 'server' needs a rate: give --request-rate"),
        ({"scenario": "server", "request_rate": -1.0}, "the request rate must be a number above 0"),
        ({"scenario": "server", "request_rate": 1e9}, "more than this machine can send"),
        (
            {"scenario": "elastic", "concurrency": 1, "callers": 2},
            "a concurrency of 1 cannot keep 2",
        ),
        ({"dataset": "novels"}, "unknown dataset 'novels'"),
        ({"callers": 3}, "3 callers x 1 threads need 3 CPUs"),
    ],
)
def test_bad_inputs_are_refused_before_an_engine_is_loaded(
    monkeypatch: pytest.MonkeyPatch, parameters: dict[str, Any], message: str
) -> None:
    monkeypatch.setattr(cpus_module, "usable_cpus", lambda: 2)
    with pytest.raises(InvalidInput, match=message):
        task(**parameters).require_inputs(Options(threads=1))
    task(scenario="server", request_rate=5.0).require_inputs(Options(threads=1))


def test_options_are_those_of_the_scenarios() -> None:
    own = {each.name: each.metadata for each in fields(UnderLoad)}
    for kind in (Server, Elastic):
        for each in fields(kind):
            if "help" in each.metadata:
                assert own[each.name] == each.metadata
