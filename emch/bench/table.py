"""A benchmark as a table: a row of numbers for each case, by the names of the columns."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emch.bench.found import Found
from emch.percentiles import percentile

PERCENTS = (90, 95, 99)


def row_of(found: Found) -> dict[str, Any]:
    """Return the numbers of a case; None where there is none.

    The latency of a request without an answer is infinite, and so is the mean with one of them.
    """
    latencies = found.latencies_s
    served = latencies[np.isfinite(latencies)]
    outcomes = [each.outcome for each in found.rounds]
    row: dict[str, Any] = {
        "engine": found.case.engine,
        "batch_size": found.case.batch_size,
        "threads": found.case.options.threads,
        "streams": found.case.options.streams,
        "requests": found.served,
        "unserved": sum(each.unserved for each in outcomes),
        "late": sum(each.late for each in outcomes),
        "offered_rate": outcomes[0].offered_rate if outcomes else None,
        "requests_per_second": found.requests_per_second,
        "items_per_second": found.items_per_second,
    }
    if not len(served):
        return row
    return {
        **row,
        "mean_s": float(latencies.mean()),
        "std_s": float(latencies.std()) if len(served) == len(latencies) else None,
        "median_s": float(np.median(latencies)),
        **dict(_percentiles(latencies)),
        "max_s": float(latencies.max()),
        "cpu_percent": found.cpu_percent,
        "peak_rss_bytes": found.peak_rss_bytes,
        "joules": found.joules,
        "load_s": found.loaded["load_s"],
        "first_call_s": found.first_call_s,
    }


def _percentiles(latencies: NDArray[np.float64]) -> Iterator[tuple[str, float | None]]:
    """Yield each percentile with its bound; None where there are too few samples for one."""
    for percent in PERCENTS:
        found = percentile(latencies, percent)
        yield f"p{percent}_s", None if found.bound is None else found.value
        yield f"p{percent}_bound_s", found.bound


def to_csv(found: Sequence[Found]) -> str:
    """Return the rows of the cases that were measured as CSV, with a header."""
    rows = [row_of(each) for each in found if each.rounds]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
