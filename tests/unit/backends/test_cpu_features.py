"""What a CPU must be able to do is refused in a sentence where it cannot, and else let pass."""

from collections.abc import Callable

import pytest

from emch.backends import cpu_features
from emch.backends.cpu_features import require_avx512, require_cpu_bf16, require_vnni
from emch.errors import LacksInstructions


@pytest.mark.parametrize(
    ("needs", "flag", "sentence"),
    [
        (require_cpu_bf16, "amx_bf16", "this CPU has no bf16 instructions: use a backend of"),
        (require_avx512, "avx512f", "on CPUs with AVX-512 alone, and this one has none: use"),
        (require_vnni, "avx512_vnni", "without VNNI PyTorch uses only 7 of the 8 bits"),
    ],
)
def test_cpu_without_an_instruction_is_refused(
    monkeypatch: pytest.MonkeyPatch, needs: Callable[[], None], flag: str, sentence: str
) -> None:
    monkeypatch.setattr(cpu_features, "cpu_flags", lambda: {"avx2"})
    with pytest.raises(LacksInstructions, match=sentence):
        needs()
    monkeypatch.setattr(cpu_features, "cpu_flags", lambda: {"avx2", flag})
    needs()
