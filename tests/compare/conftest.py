"""Launches that are over in a moment."""

import pytest


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emch.compare.launched.LAUNCH_S", 0.1)
    monkeypatch.setattr("emch.compare.pair.TURN_S", 0.01)
