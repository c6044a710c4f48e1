"""Tiny models with random weights, made as real ones are, and a cache of their own."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from emch.models import artifacts
from emch.models import prepare as preparing
from emch.models.prepare import prepare
from emch.models.source import find_model

Prepare = Callable[[Path], str]


@pytest.fixture(scope="session", autouse=True)
def tools(require: Callable[[object, str], None]) -> None:
    """These tests need what `emch prepare` needs."""
    for module in ("torch", "transformers", "sentence_transformers"):
        require(find_spec(module), "pip install 'emch[prepare]'")


@pytest.fixture
def prepare_vital(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """Return what prepares a model as far as every backend needs it, and gives its key."""
    assert not empty_cache.exists()
    vital = {name: kind for name, kind in artifacts.KINDS.items() if kind.vital}
    for module in (artifacts, preparing):
        monkeypatch.setattr(module, "KINDS", vital)

    def run(folder: Path) -> str:
        source = find_model(str(folder))
        list(prepare(source))
        return source.key

    return run
