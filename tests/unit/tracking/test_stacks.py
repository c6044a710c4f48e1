"""What the stacks of asv.conf.json say of themselves."""

from pathlib import Path

import pytest

from emch.backends.registry import BACKENDS, get_backend
from emch.errors import InvalidInput
from emch.tracking.stacks import Stack, find_installed, load_config, read_stacks
from tests.stacks import ROOT


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_every_backend_has_a_stack_and_every_stack_a_backend() -> None:
    stacks = read_stacks(load_config())
    assert {backend for stack in stacks for backend in stack.backends} == set(BACKENDS)
    assert all(stack.backends for stack in stacks)
    assert len({stack.label for stack in stacks}) == len(stacks)


def test_light_stack_has_its_engine_alone() -> None:
    stack = next(s for s in read_stacks(load_config()) if s.label == "onnxruntime-1.17")
    assert stack.backends == [
        "onnxruntime",
        "onnxruntime-int8",
        "onnxruntime-fused",
        "onnxruntime-fused-int8",
    ]


def test_version_outside_of_what_is_required_does_not_fulfil_it() -> None:
    pins = {"torch": "2.13.0", "transformers": "4.50.0"}
    assert Stack("x", pins).fulfils(get_backend("pytorch").requires)
    assert not Stack("x", pins).fulfils(get_backend("pytorch-bettertransformer").requires)


def test_backend_that_requires_nothing_is_in_no_stack() -> None:
    assert not Stack("x", {"numpy": "2.4.6"}).fulfils(())


def test_stack_that_was_never_installed_is_none(tmp_path: Path) -> None:
    config = load_config()
    config.env_dir = str(tmp_path)
    assert find_installed(config, read_stacks(config)[0]) is None


def test_outside_of_the_project_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match="call this from the project's root"):
        load_config()
