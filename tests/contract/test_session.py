"""What a session says of itself, and that it uses no more threads than it says."""

import gc
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emch.backends.base import (
    OptionNotHonoured,
    Options,
    Session,
    SessionInfo,
    require_honoured,
)
from emch.backends.registry import get_backend
from emch.encoding.encoder import Encoder, encoder
from emch.errors import InvalidInput, Unavailable
from emch.models.agreement import COSINE_LIMITS
from emch.models.probes import PROBES
from emch.models.source import DEFAULT_MODEL
from emch.runners.fresh_process import run
from emch.runners.worker import Job
from emch.tasks.semantic_search import SemanticSearch


def session_of(loaded: Encoder) -> Session:
    if not isinstance(loaded.session, Session):
        pytest.skip("a library that encodes texts by itself takes no arrays")
    return loaded.session


def require_reported(info: SessionInfo, backend: str, threads: int) -> None:
    assert info.threads == threads
    assert info.precision == get_backend(backend).precision
    assert info.provider
    assert any(character.isdigit() for character in info.library)


def test_session_reports_what_was_asked_for(backend: str, loaded: Encoder) -> None:
    require_reported(loaded.info, backend, 2)


@pytest.mark.usefixtures("loaded")
def test_loading_leaves_the_garbage_collector_on() -> None:
    assert gc.isenabled()


def test_one_thread_is_reported_and_keeps_one_cpu_busy(backend: str) -> None:
    job = Job(
        task=SemanticSearch(dataset="mini", batch_size=16),
        backend=backend,
        model=DEFAULT_MODEL,
        options=Options(threads=1),
    )
    record = run(job)
    require_reported(SessionInfo(**record.session), backend, 1)
    assert record.value("cpu_percent") < 110


def test_padding_is_masked(backend: str, loaded: Encoder) -> None:
    session = session_of(loaded)
    input_ids = np.array([[101, 7592, 102, 0, 0]])
    mask = np.array([[1, 1, 1, 0, 0]])
    padded = session.run(input_ids, mask)
    other_padding = session.run(np.where(mask == 1, input_ids, 2088), mask)
    bare = session.run(input_ids[:, :3], mask[:, :3])
    assert padded.shape == ((1, 384) if session.pools else (1, 5, 384))
    assert {padded.dtype, other_padding.dtype, bare.dtype} == {np.dtype(np.float32)}
    assert np.isfinite(padded).all()
    if not session.pools:  # what stands at padding means nothing
        padded, other_padding = padded[:, :3], other_padding[:, :3]
    # A dynamically quantized network scales by all of a batch, so padding may move it a little.
    limit = COSINE_LIMITS[get_backend(backend).precision]
    for states in (other_padding, bare):
        assert np.corrcoef(padded.ravel(), states.ravel())[0, 1] > limit


def test_two_streams_are_honoured_or_refused(backend: str, loaded: Encoder) -> None:
    try:
        two = encoder(backend, threads=2, streams=2)
    except OptionNotHonoured as refused:
        assert re.search("no streams: 2|streams 2 and uses 1", str(refused))  # noqa: PT017 - either is right
        return
    assert (two.info.streams, two.info.threads) == (2, 2)
    found = two.encode(PROBES, 2)
    np.testing.assert_array_equal(found, two.encode(PROBES, 2))
    cosine = np.einsum("td,td->t", found, loaded.encode(PROBES, 2))
    assert cosine.min() >= COSINE_LIMITS[get_backend(backend).precision]


def test_threads_that_streams_cannot_share_are_refused(backend: str) -> None:
    with pytest.raises(InvalidInput, match="3 threads cannot be shared equally by 2 streams"):
        encoder(backend, threads=3, streams=2)


@pytest.mark.skipif(Path("/proc/driver/nvidia").exists(), reason="there is a GPU")
def test_gpu_that_is_not_here_is_unavailable(backend: str) -> None:
    with pytest.raises(Unavailable, match=r"(?i)cuda"):
        encoder(backend, device="cuda")


def test_unknown_device_is_invalid(backend: str) -> None:
    with pytest.raises(InvalidInput, match="abacus"):
        encoder(backend, device="abacus")


@pytest.mark.parametrize("option", ["provider", "optimization"])
def test_unknown_option_is_never_passed_over(backend: str, option: str) -> None:
    with pytest.raises((InvalidInput, OptionNotHonoured), match="nonsense"):
        encoder(backend, **{option: "nonsense"})


def test_compilations_are_counted_once(loaded: Encoder) -> None:
    loaded.encode(PROBES, 2)
    compiled = list(loaded.compile_s)
    assert all(seconds > 0 for seconds in compiled)
    loaded.encode(PROBES, 2)
    assert list(loaded.compile_s) == compiled


def test_view_of_a_shape_that_was_seen_is_not_compiled_for(loaded: Encoder) -> None:
    session = session_of(loaded)
    input_ids = np.full((1, 9), 2088)
    view = input_ids[:, :6]
    session.run(view.copy(), np.ones_like(view))
    compiled = list(loaded.compile_s)
    session.run(view, np.ones_like(input_ids)[:, :6])
    assert list(loaded.compile_s) == compiled


INFO = SessionInfo(
    threads=4,
    precision="fp32",
    provider="p",
    library="engine 1.0",
    streams=2,
    device="cpu",
    optimization="all",
)


def test_what_is_not_asked_for_is_the_choice_of_the_engine() -> None:
    require_honoured(INFO, Options(threads=4, streams=2), "fp32")
    require_honoured(INFO, Options(threads=4, streams=2, provider="p", optimization="all"), "fp32")


@pytest.mark.parametrize(
    ("options", "precision", "words"),
    [
        ({"threads": 2}, "fp32", "threads 2 and uses 4"),
        ({}, "int8", "precision int8 and uses fp32"),
        ({"streams": 1}, "fp32", "streams 1 and uses 2"),
        ({"device": "cuda"}, "fp32", "device cuda and uses cpu"),
        ({"provider": "q"}, "fp32", "provider q and uses p"),
        ({"optimization": "basic"}, "fp32", "optimization basic and uses all"),
    ],
)
def test_option_that_is_not_honoured_is_an_error(
    options: dict[str, Any], precision: str, words: str
) -> None:
    asked = Options(**{"threads": 4, "streams": 2, **options})
    with pytest.raises(OptionNotHonoured, match=f"engine 1.0 was asked for {words}"):
        require_honoured(INFO, asked, precision)
