"""What ONNX Runtime is asked for is used or refused, and its own errors become emch's."""

import sys

import pytest

from emch.backends.onnxruntime.asked import OnnxRuntimeOptions
from emch.backends.onnxruntime.backend import OnnxRuntime, OnnxRuntimeSession
from emch.backends.onnxruntime.options import session_options
from emch.backends.onnxruntime.providers import choose_provider, loading, require_provider
from emch.errors import InvalidInput, OptionNotHonoured, Unavailable
from emch.models.artifacts import open_artifact

onnxruntime = pytest.importorskip("onnxruntime")
HERE = onnxruntime.get_available_providers()


def load(model: str, **options: str) -> OnnxRuntimeSession:
    return OnnxRuntime.load(
        open_artifact(model, "onnx").folder, OnnxRuntimeOptions(threads=1, **options)
    )


@pytest.mark.parametrize("level", ["disable", "basic", "extended", "all"])
def test_level_of_optimisation_is_used(prepared_model: str, level: str) -> None:
    assert load(prepared_model, optimization=level).info.optimization == level


def test_default_is_what_onnx_runtime_chooses(prepared_model: str) -> None:
    info = load(prepared_model).info
    assert (info.optimization, info.provider, info.device) == ("all", "CPUExecutionProvider", "cpu")


def test_unknown_names_are_invalid_and_the_known_are_named() -> None:
    with pytest.raises(InvalidInput, match=r"'most'; onnxruntime .* has: disable, basic, extended"):
        session_options(OnnxRuntimeOptions(threads=1, optimization="most"))
    with pytest.raises(InvalidInput, match=r"'CPU'; known are: .*CPUExecutionProvider"):
        choose_provider(OnnxRuntimeOptions(threads=1, provider="CPU"))


def test_provider_of_another_device_is_invalid() -> None:
    with pytest.raises(InvalidInput, match=r"computes on cpu, and the device .* is cuda"):
        choose_provider(
            OnnxRuntimeOptions(threads=1, provider="CPUExecutionProvider", device="cuda")
        )


@pytest.mark.parametrize("provider", ["CUDAExecutionProvider", "TensorrtExecutionProvider"])
def test_provider_that_the_wheel_lacks_is_unavailable(provider: str) -> None:
    if provider in HERE:
        pytest.skip("the wheel has it")
    with pytest.raises(Unavailable, match=rf"has no {provider} .*pip install onnxruntime-gpu"):
        choose_provider(OnnxRuntimeOptions(threads=1, provider=provider, device="cuda"))


def test_provider_that_takes_no_node_is_not_passed_off_as_used(prepared_model: str) -> None:
    if "AzureExecutionProvider" not in HERE:
        pytest.skip("the wheel has no provider that takes nothing")
    with pytest.raises(OptionNotHonoured, match="AzureExecutionProvider, which does not take all"):
        load(prepared_model, provider="AzureExecutionProvider")


def test_other_provider_in_place_of_the_asked_is_unavailable(
    prepared_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = load(prepared_model).network.session
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    with pytest.raises(Unavailable, match="has CUDAExecutionProvider and cannot use it here"):
        require_provider(session, OnnxRuntimeOptions(threads=1, device="cuda"))


def test_provider_that_cannot_start_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = ["TensorrtExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: sys.stdout.write("no"), raising=False)
    options = OnnxRuntimeOptions(threads=1, provider="TensorrtExecutionProvider", device="cuda")
    with pytest.raises(Unavailable, match="it needs an NVIDIA device, TensorRT"), loading(options):
        raise RuntimeError("Please install TensorRT libraries")
    assert capsys.readouterr() == ("", "no")
