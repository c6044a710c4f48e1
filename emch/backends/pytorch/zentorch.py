"""AMD's compiler for PyTorch: torch.compile with the backend `zentorch`, for EPYC processors."""

from pathlib import Path
from typing import ClassVar

from emch.backends.base import Options, require_honoured
from emch.backends.pytorch.compiled import (
    CompiledSession,
    PyTorchCompile,
    configure,
    require_compiler,
    warm_up,
)
from emch.backends.pytorch.eager import describe, load_for
from emch.errors import LacksInstructions
from emch.measure.machine import cpu_flags

AVX512 = "avx512f"


class ZenTorch(PyTorchCompile):
    """zentorch in fp32."""

    name = "zentorch"
    extra = "zentorch"
    requires: ClassVar[tuple[str, ...]] = ("zentorch>=2.14", "torch>=2.14", "transformers>=4.48,<6")
    modules: ClassVar[tuple[str, ...]] = ("torch", "transformers", "zentorch")

    @classmethod
    def load(cls, folder: Path, options: Options) -> CompiledSession:
        """Load `model.safetensors` and compile it for any shape; see `Backend.load`.

        Raises
        ------
        LacksInstructions
            The CPU has no AVX-512: zentorch would hand the network to PyTorch's own compiler.
        """
        import torch

        if AVX512 not in cpu_flags():
            raise LacksInstructions(
                "zentorch optimizes on CPUs with AVX-512 alone, and this one has none: use "
                "'pytorch-compile', or an AMD EPYC of the fourth generation or later"
            )
        import zentorch  # registers its compiler

        model = load_for(options, folder, cls.precision)
        require_compiler()
        configure()
        compiled = torch.compile(model, backend="zentorch", dynamic=True)
        info = describe(model, f"zentorch {zentorch.__version__}")
        require_honoured(info, options, cls.precision)  # before a minute of compiling
        session = CompiledSession(compiled, info)
        warm_up(session)
        return session


class ZenTorchBf16(ZenTorch):
    """bf16: weights and arithmetic."""

    name = "zentorch-bf16"
    precision = "bf16"
