"""The machine's peak of matrix products, which the page Roofline is drawn from."""

from typing import Any

from emch.suite import in_unit_of, peak_rates, skipped_if_unavailable


class Gemm:
    """The fastest product at the precision of a backend, by the library of that backend."""

    params = (["pytorch", "pytorch-bf16", "onnxruntime-int8"],)
    param_names = ("backend",)
    timeout = 300
    version = "1"

    def track_gemm_flop_per_second(self, backend: str) -> dict[str, Any]:
        with skipped_if_unavailable():
            rates = peak_rates(backend)
        return {"samples": rates, "number": 1}

    in_unit_of("gemm_flop_per_second", track_gemm_flop_per_second)
