"""How something that is missing becomes a skip in asv, with its reason."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from emch.errors import Overloaded, Unavailable


@contextmanager
def skipped_if_unavailable() -> Iterator[None]:
    """Skip the cell when an engine, artifact or dataset is not here; let all else fail.

    A rate that is far above what a backend can serve is a skip too: such a cell has no latency. The
    reason goes to stderr, which `asv run --show-stderr` shows; asv itself keeps none.
    """
    try:
        yield
    except (Unavailable, Overloaded) as reason:
        from asv_runner.benchmarks.mark import SkipNotImplemented  # it is there where asv is

        sys.stderr.write(f"skipped: {reason}\n")
        raise SkipNotImplemented(str(reason)) from reason
