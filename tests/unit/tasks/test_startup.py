"""The first call is the session's first, and there is just one."""

from pathlib import Path

import pytest

from emch.backends.base import Options
from emch.encoding import encoder as encoding
from emch.encoding.encoder import Encoder
from emch.models.artifacts import Artifact
from emch.models.manifest import Manifest
from emch.tasks.startup import Startup
from tests.unit.toy import ToySession, write_model


@pytest.mark.parametrize("batch_size", [1, 3])
def test_one_batch_goes_through_the_session_and_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, batch_size: int
) -> None:
    session = ToySession()
    monkeypatch.setattr(encoding, "load_session", lambda *_: session)
    artifact = Artifact("toy", write_model(tmp_path), Manifest({}, "", {}, {}, ""))
    encoder = Encoder("toy", artifact, Options(threads=1))
    outcome = Startup(dataset="sentences-16", batch_size=batch_size).run(encoder)
    ((input_ids, mask),) = session.seen
    assert input_ids.shape == (batch_size, 16)
    assert mask.all()
    assert outcome.counts == {}
    (first_call_s,) = outcome.samples["first_call_s"]
    assert first_call_s > 0
