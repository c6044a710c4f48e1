"""The machine's peak of matrix products, at the precision of a backend."""

from emch.backends.registry import require_available
from emch.measure.cpus import usable_cpus
from emch.measure.gemm import gemm_peak


def peak_rates(backend: str) -> list[float]:
    """Return the FLOP/s of the fastest square product by the library of a backend, a sample each.

    Raises
    ------
    Unavailable
        The backend cannot be used here.
    """
    return gemm_peak(require_available(backend).precision, usable_cpus())
