"""What a session says of itself, and that it uses no more threads than it says."""

import numpy as np
import pytest

from emch.backends.base import (
    COSINE_LIMITS,
    OptionNotHonoured,
    Options,
    Session,
    SessionInfo,
    require_honoured,
)
from emch.backends.registry import get_backend
from emch.tasks.whole_process import run
from emch.tasks.worker import Job
from tests.contract.conftest import load


@pytest.mark.parametrize("threads", [1, 2])
def test_session_reports_what_was_asked_for(backend: str, threads: int) -> None:
    info = load(backend, threads).info
    assert info.threads == threads
    assert info.precision == get_backend(backend).precision
    assert info.provider
    assert any(character.isdigit() for character in info.library)
    load(backend, 2)


def test_one_thread_keeps_one_cpu_busy(backend: str) -> None:
    job = Job(
        backend=backend,
        model="all-MiniLM-L6-v2",
        dataset="mini",
        data=None,
        batch_size=16,
        threads=1,
        limit=None,
    )
    record = run(job)
    assert record.value("cpu_percent") < 110
    assert record.session["threads"] == 1


def test_padding_is_masked(backend: str) -> None:
    session = load(backend, 2)._session
    if not isinstance(session, Session):
        pytest.skip("a library that encodes texts by itself has no arrays to mask")
    input_ids = np.array([[101, 7592, 102, 0, 0]])
    mask = np.array([[1, 1, 1, 0, 0]])
    padded = session.run(input_ids, mask)
    other_padding = session.run(np.where(mask == 1, input_ids, 2088), mask)
    bare = session.run(input_ids[:, :3], mask[:, :3])
    assert padded.shape == (1, 5, 384)
    assert padded.dtype == np.float32
    # A dynamically quantized network scales by all of a batch, so padding may move it a little.
    limit = COSINE_LIMITS[get_backend(backend).precision]
    for hidden in (other_padding, bare):
        assert np.corrcoef(padded[:, :3].ravel(), hidden[:, :3].ravel())[0, 1] > limit


def test_option_that_is_not_honoured_is_an_error() -> None:
    info = SessionInfo(threads=4, precision="fp32", provider="p", library="engine 1.0")
    with pytest.raises(OptionNotHonoured, match=r"engine 1.0 was asked for threads 2 and uses 4"):
        require_honoured(info, Options(threads=2), "fp32")
    with pytest.raises(OptionNotHonoured, match="precision int8 and uses fp32"):
        require_honoured(info, Options(threads=4), "int8")
