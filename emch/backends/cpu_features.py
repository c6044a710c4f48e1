"""What the CPU must be able to do for a precision that an engine would else emulate."""

from emch.errors import LacksInstructions
from emch.measure.machine import AVX512_FLAG, BF16_FLAGS, VNNI_FLAGS, cpu_flags


def require_cpu_bf16() -> None:
    """Raise `LacksInstructions` where the CPU has no bf16 instructions."""
    if not BF16_FLAGS & cpu_flags():
        raise LacksInstructions(
            "this CPU has no bf16 instructions: use a backend of another precision, "
            f"or a CPU with {' or '.join(sorted(BF16_FLAGS))}"
        )


def require_avx512() -> None:
    """Raise `LacksInstructions` where zentorch would leave a network as it is."""
    if AVX512_FLAG not in cpu_flags():
        raise LacksInstructions(
            "zentorch optimizes on CPUs with AVX-512 alone, and this one has none: use "
            "'pytorch-compile', or an AMD EPYC of the fourth generation or later"
        )


def require_vnni() -> None:
    """Raise `LacksInstructions` where PyTorch's products of 8 bits by 8 bits would overflow."""
    if not VNNI_FLAGS & cpu_flags():
        raise LacksInstructions(
            "without VNNI PyTorch uses only 7 of the 8 bits of a layer's inputs, and answers "
            f"wrongly: use another backend, or a CPU with {' or '.join(sorted(VNNI_FLAGS))}"
        )
