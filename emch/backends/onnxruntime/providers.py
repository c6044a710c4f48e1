"""The execution providers of ONNX Runtime: which one is asked for, and that it is really used."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from emch.backends.onnxruntime.asked import OnnxRuntimeOptions
from emch.errors import InvalidInput, OptionNotHonoured, Unavailable

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
TENSORRT = "TensorrtExecutionProvider"
OPENVINO = "OpenVINOExecutionProvider"

DEVICES = {CUDA: "cuda", TENSORRT: "cuda"}
"""What a provider computes on, where that is not the CPU."""

_GPU_WHEEL = "'pip install onnxruntime-gpu[cuda,cudnn]' in place of onnxruntime"
REMEDIES = {
    CUDA: f"it needs an NVIDIA device and {_GPU_WHEEL}",
    TENSORRT: f"it needs an NVIDIA device, TensorRT and {_GPU_WHEEL}",
    OPENVINO: "it needs 'pip install onnxruntime-openvino' in place of onnxruntime",
}
REFUSED = "assigned to the default CPU EP"
"""ONNX Runtime's message when it would have to leave nodes to the CPU provider and may not."""


def choose_provider(options: OnnxRuntimeOptions) -> str:
    """Return the execution provider that is asked for.

    Raises
    ------
    InvalidInput
        ONNX Runtime knows no such provider, or it computes on another device.
    Unavailable
        The installed wheel does not have it.
    """
    import onnxruntime

    provider = options.provider or (CUDA if options.device == "cuda" else CPU)
    known, here = onnxruntime.get_all_providers(), onnxruntime.get_available_providers()
    if provider not in known:
        raise InvalidInput(
            f"unknown execution provider '{provider}'; known are: {', '.join(known)}"
        )
    if provider not in here:
        remedy = REMEDIES.get(provider, "it needs a build of ONNX Runtime that has it")
        raise Unavailable(f"{library()} has no {provider} here, only {', '.join(here)}: {remedy}")
    if device_of(provider) != options.device:
        raise InvalidInput(
            f"the provider {provider} computes on {device_of(provider)}, "
            f"and the device that is asked for is {options.device}"
        )
    return provider


def device_of(provider: str) -> str:
    """Return what a provider computes on."""
    return DEVICES.get(provider, "cpu")


def library() -> str:
    """Return the engine and its version."""
    import onnxruntime

    return f"onnxruntime {onnxruntime.__version__}"


def provider_options(options: OnnxRuntimeOptions) -> dict[str, str]:
    """Return what the provider has to be told by itself."""
    if choose_provider(options) != OPENVINO:
        return {}
    return {"device_type": "CPU", "precision": "FP32", "num_of_threads": str(options.threads)}


@contextmanager
def loading(options: OnnxRuntimeOptions) -> Iterator[None]:
    """Give what ONNX Runtime says of the provider while a session is made its right kind.

    Raises
    ------
    OptionNotHonoured
        The provider would leave a part of the network to the CPU provider.
    Unavailable
        The provider finds no device, or not all of its libraries.
    """
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail

    provider = choose_provider(options)
    if device_of(provider) == "cuda":
        _load_cuda()
    try:
        yield
    except Fail as error:
        if REFUSED not in str(error):
            raise
        raise OptionNotHonoured(
            f"{library()} was asked for provider {provider}, which does not take all of the "
            f"network ({error})"
        ) from error
    except RuntimeError as error:  # what it raises of the file is of its own types
        if provider == CPU:
            raise
        raise _unusable(provider) from error


def require_provider(session: Any, options: OnnxRuntimeOptions) -> None:
    """Raise `Unavailable` where ONNX Runtime took another provider, and keep it from doing so.

    Where a provider finds no device it warns and takes the CPU's.
    """
    asked = choose_provider(options)
    if asked != session.get_providers()[0]:
        raise _unusable(asked)
    session.disable_fallback()


def _unusable(provider: str) -> Unavailable:
    remedy = REMEDIES.get(provider, "it finds no device, or not all of its libraries")
    return Unavailable(f"{library()} has {provider} and cannot use it here: {remedy}")


def _load_cuda() -> None:
    """Load the libraries that pip installs with the wheel, where the linker does not look."""
    import onnxruntime

    if hasattr(onnxruntime, "preload_dlls"):  # since 1.21
        with redirect_stdout(sys.stderr):
            onnxruntime.preload_dlls()
