"""AMD's compiler for PyTorch: torch.compile with the backend `zentorch`, for EPYC processors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from emch.backends.base import Options
from emch.backends.cpu_features import require_avx512
from emch.backends.pytorch.compiled import CompiledSession, PyTorchCompile


class ZenTorch(PyTorchCompile):
    """zentorch in fp32."""

    name = "zentorch"
    extra = "zentorch"
    requires: ClassVar[tuple[str, ...]] = ("zentorch>=2.14", "torch>=2.14", "transformers>=4.48,<6")
    modules: ClassVar[tuple[str, ...]] = ("torch", "transformers", "zentorch")
    asked: ClassVar[Mapping[str, Any]] = {"backend": "zentorch", "dynamic": True}

    @classmethod
    def load(cls, folder: Path, options: Options) -> CompiledSession:
        """Load `model.safetensors` and compile it for any shape; see `Backend.load`.

        Raises
        ------
        LacksInstructions
            The CPU has no AVX-512: zentorch would hand the network to PyTorch's own compiler.
        """
        require_avx512()
        return super().load(folder, options)

    @classmethod
    def compiler(cls) -> str:
        """See `PyTorchCompile.compiler`; the import registers it with PyTorch."""
        import zentorch

        return f"zentorch {zentorch.__version__}"


class ZenTorchBf16(ZenTorch):
    """bf16: weights and arithmetic."""

    name = "zentorch-bf16"
    precision = "bf16"
