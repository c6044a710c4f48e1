"""Runs a test in a process of its own, which it may signal or end: the other tests go on."""

import subprocess
import sys
from collections.abc import Callable
from functools import wraps

from tests.stacks import ROOT


def alone(test: Callable[..., None]) -> Callable[..., None]:
    """Return the test as one that is run in a process of its own, and fails with what that says.

    Its arguments are texts, numbers and paths.
    """

    @wraps(test)  # so that pytest sees the same arguments, and the process finds the test itself
    def run(**arguments: object) -> None:
        program = (
            "from pathlib import PosixPath\n"
            f"from {test.__module__} import {test.__name__} as run\n"
            f"run.__wrapped__(**{arguments!r})"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"it ended with {done.returncode}: {done.stderr}"

    return run
