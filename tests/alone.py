"""Runs a function of a test module in a process of its own.

What sends a signal to its own process, or can end it, must not end the process of the other tests.
"""

import subprocess
import sys
from collections.abc import Callable

from tests.stacks import ROOT


def alone(function: Callable[..., None], *arguments: object) -> None:
    """Call a function with texts and numbers, and fail with what it says where it raises."""
    program = f"from {function.__module__} import {function.__name__} as f; f(*{arguments!r})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"it ended with {done.returncode}: {done.stderr}"
