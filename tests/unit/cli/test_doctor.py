"""The verdict of `emch doctor --backends` on a backend that gives no answer."""

import pytest

from emch.cli import doctor
from emch.errors import BrokenArtifact, BrokenEngine, EmchError, Unavailable, WrongAnswer


@pytest.mark.parametrize(
    ("error", "verdict", "code"),
    [
        (Unavailable("no such device here"), "skipped", 0),
        (BrokenEngine("cannot be imported"), "broken", 3),
        (BrokenArtifact("half a file"), "broken", 3),
        (WrongAnswer("cosine 0.5"), "wrong", 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, EmchError) else None,
)
def test_error_of_a_backend_is_its_verdict(
    monkeypatch: pytest.MonkeyPatch, error: EmchError, verdict: str, code: int
) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(doctor, "run", fail)
    row, ended = doctor._check("onnxruntime", "all-MiniLM-L6-v2", 16)
    assert (row["verdict"], row["reason"], ended) == (verdict, str(error), code)
