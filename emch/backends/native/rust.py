"""The programs in Rust: ONNX Runtime by the crate `ort`, and an engine that is Rust throughout."""

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from emch.backends.base import Options
from emch.backends.native.program import NATIVE, NATIVE_EXTRA, Program
from emch.errors import Unavailable


@dataclass(frozen=True, kw_only=True)
class RustOnnxRuntimeOptions(Options):
    """Options of ONNX Runtime from Rust.

    Attributes
    ----------
    optimization : str
        The level of graph optimisation; the default is that of Python too.
    spinning : {"on", "off"}
        Whether threads without work spin for a while before they sleep, as ONNX Runtime does
        unless it is told not to.
    """

    optimization: str | None = field(
        default=None, metadata={"help": "Graph optimisation of ONNX Runtime.", "metavar": "LEVEL"}
    )
    spinning: str | None = field(
        default=None,
        metadata={"help": "Whether idle threads of ONNX Runtime spin.", "choices": ("on", "off")},
    )


class RustOnnxRuntime(Program):
    """ONNX Runtime in fp32, from Rust: the shared library of the installed Python package."""

    name = "rust-onnxruntime"
    artifact = "onnx"
    precision = "fp32"
    program = "emch-rust-ort"
    language = "cargo"
    extra = "rust-onnxruntime"
    requires = ("onnxruntime>=1.20",)
    modules: ClassVar[tuple[str, ...]] = ("onnxruntime",)
    options = RustOnnxRuntimeOptions

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return where ONNX Runtime's library is; see `Program.libraries`."""
        return {"onnxruntime": str(shared_library("onnxruntime", "capi/libonnxruntime.so*"))}


class RustOnnxRuntimeInt8(RustOnnxRuntime):
    """The same in dynamic int8."""

    name = "rust-onnxruntime-int8"
    artifact = "onnx-int8"
    precision = "int8"


class RustRten(Program):
    """rten in fp32: an engine for ONNX that is Rust throughout."""

    name = "rust-rten"
    artifact = "onnx"
    precision = "fp32"
    program = "emch-rust-rten"
    language = "cargo"
    extra = NATIVE_EXTRA
    requires = NATIVE
    modules: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return none: the engine is in the program."""
        return {}


def shared_library(module: str, pattern: str) -> Path:
    """Return a library that a package brings, by a pattern beneath its folder.

    Raises
    ------
    Unavailable
        There is none.
    """
    spec = find_spec(module)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = sorted(path for folder in folders for path in Path(folder).glob(pattern))
    if not found:
        raise Unavailable(f"the package {module} has no file {pattern}: install it again")
    return found[0]
