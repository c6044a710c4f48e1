"""OpenVINO inside ONNX Runtime, as an execution provider that takes the whole network.

Its wheel, `onnxruntime-openvino`, brings its own OpenVINO and takes the place of `onnxruntime`.
"""

from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import ClassVar

from emch.backends.onnxruntime.asked import OnnxRuntimeOptions
from emch.backends.onnxruntime.backend import OnnxRuntime
from emch.backends.onnxruntime.network import OnnxRuntimeNetwork
from emch.backends.onnxruntime.providers import OPENVINO

WHEEL = "onnxruntime-openvino"


class OnnxRuntimeOpenVino(OnnxRuntime):
    """OpenVINO as a provider of ONNX Runtime, in fp32."""

    name = "onnxruntime-openvino"
    extra = "onnxruntime-openvino"
    requires = ("onnxruntime-openvino>=1.24",)
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    has_streams = False  # a session has those of the provider, which cannot be asked for them

    @classmethod
    def lines(cls) -> None:
        """Return none: they would not be few; see `Backend.lines`."""

    @classmethod
    def unavailable(cls) -> str | None:
        """Say why not; the wheel without this provider has a module of the same name."""
        try:
            version(WHEEL)
        except PackageNotFoundError:
            return (
                f"the package '{WHEEL}' is not installed: "
                f"pip install 'emch[{cls.extra}]' where there is no onnxruntime"
            )
        return super().unavailable()

    @classmethod
    def load_network(cls, path: Path, options: OnnxRuntimeOptions) -> OnnxRuntimeNetwork:
        """Load any ONNX file; see `Backend.load_network`.

        The provider cannot be asked for its number of threads; a contract test counts CPU time.
        """
        return super().load_network(path, replace(options, provider=OPENVINO))
