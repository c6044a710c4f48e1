"""The machine's peak of matrix products, which the roofline is drawn from."""

from typing import Any

from emch.backends.registry import get_backend, require_available
from emch.measure.cpus import usable_cpus
from emch.measure.gemm import gemm_peak

from .recorded import in_unit_of
from .skips import skipped_if_unavailable


class Gemm:
    """The fastest product at the precision of a backend, by the library of that backend."""

    params = (["pytorch", "pytorch-bf16", "onnxruntime-int8"],)
    param_names = ("backend",)
    timeout = 300
    version = "1"

    def track_gemm_flop_per_second(self, backend: str) -> dict[str, Any]:
        with skipped_if_unavailable():
            require_available(backend)
            rates = gemm_peak(get_backend(backend).precision, usable_cpus())
        return {"samples": rates, "number": 1}

    in_unit_of("gemm_flop_per_second", track_gemm_flop_per_second)
