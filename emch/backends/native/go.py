"""The program in Go: GoMLX, on XLA by a PJRT plugin, or on its own engine."""

from typing import ClassVar

from emch.backends.native.program import NATIVE, NATIVE_EXTRA, Program
from emch.cache import cache_dir

PJRT = "xla-cpu-pjrt==0.0.1"
"""The Python package with the PJRT plugin for CPUs. `make native` installs it beside the program,
and in no environment of Python: JAX would load it there in place of its own."""


class GoMlxGo(Program):
    """GoMLX on its own engine in fp32, which is Go throughout."""

    name = "gomlx-go"
    artifact = "onnx"
    precision = "fp32"
    program = "emch-go-gomlx"
    language = "go"
    extra = NATIVE_EXTRA
    requires = NATIVE
    modules: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return none: the engine is in the program."""
        return {}


class GoMlxXla(GoMlxGo):
    """GoMLX on XLA in fp32."""

    name = "gomlx-xla"

    @classmethod
    def libraries(cls) -> dict[str, str]:
        """Return where the PJRT plugin is; see `Program.libraries`."""
        folder = cache_dir() / "native" / "pjrt"
        return {"pjrt": str(folder / "xla_plugins" / "xla_cpu_pjrt" / "xla_cpu_pjrt.so")}
