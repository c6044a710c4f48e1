"""The shared pipeline over a toy session: streams, pooling in the network, and what is refused."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Options
from emch.backends.stub import HIDDEN
from emch.encoding import encoder as encoding
from emch.encoding.encoder import Encoder, Spent, load_encoder
from emch.errors import InvalidInput
from emch.measure.cpus import usable_cpus
from emch.models.artifacts import Artifact
from emch.models.head import pool
from emch.models.manifest import FileEntry, Manifest
from tests.unit.toy import ToySession, write_model

TEXTS = ["one", "two two", "three one two", "two one one one", "glaciers", "one three"]
HANGS = 60.0

Load = Callable[[ToySession], Encoder]


class PoolingSession(ToySession):
    """The same network with the pooling at its end."""

    pools = True

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        return pool(super().run(input_ids, attention_mask), attention_mask, ["mean"])


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Return what makes an encoder of a session."""
    artifact = Artifact("toy", tmp_path, Manifest({"toy": FileEntry("ab", 7)}, "", {}, {}, ""))
    write_model(tmp_path)

    def make(session: ToySession) -> Encoder:
        monkeypatch.setattr(encoding, "load_session", lambda *_: session)
        return Encoder("toy", artifact, Options(threads=1, streams=session.info.streams))

    return make


@pytest.mark.parametrize("batch_size", [1, 2, 4, 16])
@pytest.mark.parametrize("streams", [2, 3])
def test_streams_change_nothing_but_the_time(load: Load, streams: int, batch_size: int) -> None:
    one = load(ToySession(1)).encode(TEXTS, batch_size)
    several = load(ToySession(streams)).encode(TEXTS, batch_size)
    np.testing.assert_array_equal(one, several)
    assert one.shape == (6, HIDDEN)


def test_streams_run_batches_at_once(load: Load) -> None:
    together = threading.Barrier(2)  # broken, and so an error, unless two are in a run
    session = ToySession(2, on_run=lambda _: together.wait(HANGS) and None)
    assert load(session).encode(TEXTS, 1).shape == (6, HIDDEN)


def test_no_more_batches_are_run_at_once_than_there_are_streams(load: Load) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def on_run(_: IntArray) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.01)
        with lock:
            running -= 1

    load(ToySession(2, on_run)).encode(TEXTS * 3, 1)
    assert most <= 2


def test_single_stream_stays_in_this_thread(load: Load) -> None:
    threads = set()
    session = ToySession(1, on_run=lambda _: threads.add(threading.current_thread()))
    load(session).encode(TEXTS, 1)
    assert threads == {threading.current_thread()}


@pytest.mark.parametrize("streams", [1, 2])
def test_error_in_a_stream_comes_out(load: Load, streams: int) -> None:
    def fail(ids: IntArray) -> None:
        if ids.shape[1] == 4:
            raise ZeroDivisionError("of the engine")

    with pytest.raises(ZeroDivisionError, match="of the engine"):
        load(ToySession(streams, fail)).encode(TEXTS, 1)


@pytest.mark.parametrize("streams", [1, 2])
def test_tokens_and_batches_are_counted(load: Load, streams: int) -> None:
    spent = Spent()
    encoder = load(ToySession(streams))
    encoder.encode(TEXTS, 4, spent=spent)
    assert spent.tokens == sum(len(encoder.tokenizer.encode(text).ids) for text in TEXTS)
    assert len(spent.batch_s) == 2
    encoder.encode(TEXTS, 1, spent=spent)
    assert len(spent.batch_s) == 8


def test_pooling_in_the_network_is_not_done_again(load: Load) -> None:
    ours = load(ToySession()).encode(TEXTS, 3)
    theirs = load(PoolingSession()).encode(TEXTS, 3)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_again_is_a_session_of_its_own(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(ToySession())
    asked = []

    def load_session(name: str, artifact: Artifact, options: Options) -> ToySession:
        asked.append((name, artifact, options))
        return ToySession()

    monkeypatch.setattr(encoding, "load_session", load_session)
    second = first.again()
    assert second.session is not first.session
    assert asked == [("toy", first.artifact, Options(threads=1))]


@pytest.mark.parametrize(("threads", "streams"), [(0, 1), (1, 0), (1, 2), (3, 2), (-2, 2)])
def test_threads_that_streams_cannot_share_are_refused(threads: int, streams: int) -> None:
    options = Options(threads=threads, streams=streams)
    with pytest.raises(InvalidInput, match=f"{threads} threads cannot .* {streams} streams"):
        load_encoder("onnxruntime", "all-MiniLM-L6-v2", options)


def test_threads_beyond_the_usable_cpus_are_refused_from_python_too() -> None:
    needed = usable_cpus() + 1
    with pytest.raises(InvalidInput, match=f"{needed} threads need {needed} CPUs"):
        encoding.encoder("onnxruntime", threads=needed)


def test_threads_beyond_the_usable_cpus_are_taken_where_it_is_said(prepared_model: str) -> None:
    pytest.importorskip("onnxruntime")
    asked = usable_cpus() + 1
    used = encoding.encoder("onnxruntime", model=prepared_model, threads=asked, oversubscribe=True)
    assert used.info.threads == asked


def test_batch_size_zero_and_a_single_text_are_refused(load: Load) -> None:
    with pytest.raises(InvalidInput, match="at least 1, not 0"):
        load(ToySession()).encode(TEXTS, batch_size=0)
    with pytest.raises(InvalidInput, match="not a single text"):
        load(ToySession()).encode("a single text")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("half \ud83d", r"texts\[2\]\[5\] is U\+D83D, a lone surrogate"),
        (7, r"texts\[2\] is not a text \(str\) but of the type int"),
        (None, r"texts\[2\] is not a text \(str\) but of the type NoneType"),
        (b"one", r"texts\[2\] is not a text \(str\) but of the type bytes"),
        (("one", "two"), r"texts\[2\] is not a text \(str\) but of the type tuple"),
    ],
)
@pytest.mark.parametrize("streams", [1, 2])
def test_what_is_no_text_is_refused_with_its_position(
    load: Load, streams: int, wrong: object, words: str
) -> None:
    session = ToySession(streams)
    with pytest.raises(InvalidInput, match=words):
        load(session).encode(["one", "\N{GRINNING FACE}", wrong, "two"], 2)  # type: ignore[list-item]
    assert session.seen == []
