"""What the CPU must be able to do for a precision that an engine would else emulate."""

from emch.errors import Unavailable
from emch.measure.machine import BF16_FLAGS, cpu_flags


def require_cpu_bf16() -> None:
    """Raise `Unavailable` where the CPU has no bf16 instructions."""
    if not BF16_FLAGS & cpu_flags():
        raise Unavailable(
            "this CPU has no bf16 instructions: use a backend of another precision, "
            f"or a CPU with {' or '.join(sorted(BF16_FLAGS))}"
        )
