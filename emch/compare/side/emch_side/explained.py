"""What may be the cause where two sides differ: what a side has installed, and what it says."""

from __future__ import annotations

import json
import platform
from importlib.metadata import distributions
from typing import Any

from .place import Place
from .suite import load, method_of, set_up
from .system import ending_after


def explained(place: Place, name: str, cell: str) -> dict[str, Any]:
    """Return the versions of Python and of all packages, and what the benchmark explains itself."""
    packages = {str(each.metadata["Name"]).lower(): each.version for each in distributions()}
    found: dict[str, Any] = {"packages": {"python": platform.python_version(), **packages}}
    if place.packages:
        benchmark = load(place.suite, name, json.loads(cell))
        explain = method_of(benchmark, "explain")
        if explain is not None:
            with ending_after(benchmark.timeout or place.timeout_s):
                set_up(benchmark)
                found["own"] = explain(*benchmark._build_params())
    return found
