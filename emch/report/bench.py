"""A benchmark for people: what was asked, and the tables."""

import math
from collections.abc import Iterator
from typing import Any

from emch.bench.alternate import Bench
from emch.bench.found import Found
from emch.bench.table import PERCENTS, row_of
from emch.metrics import METRICS
from emch.percentiles import samples_needed
from emch.scenarios.outcome import MOST_LATE

CASE = ("engine", "batch")
SPEED = (
    *CASE, "requests", "items/s", "of first", "balance", "CPU", "peak memory", "load", "first call",
)  # fmt: skip
LATENCY = (*CASE, "mean", "median", "std", *(f"p{percent}" for percent in PERCENTS), "max")

Texts = tuple[str, ...]


def introduce(bench: Bench) -> Iterator[str]:
    """Yield what must be known first, what was measured, and the inputs."""
    yield from _late(bench)
    yield from _unserved(bench)
    plan = bench.plan
    first = plan.cases[0]
    until = f"{plan.iterations:,} requests" if plan.iterations else f"{plan.seconds:g} s"
    yield (
        f"{plan.model.name}: {plan.scenario.name}, {until} of each case, "
        f"threads {first.options.threads}, streams {first.options.streams}"
    )
    yield from plan.inputs.describe(sorted({case.batch_size for case in plan.cases}))
    if plan.placement.note:
        yield plan.placement.note


def _late(bench: Bench) -> Iterator[str]:
    for found in bench.found:
        late = sum(each.outcome.late for each in found.rounds)
        if found.served and late / found.served > MOST_LATE:
            yield (
                f"NOT AS PLANNED: {late:,} of {found.served:,} requests to {found.case.label} were "
                "sent late by the generator itself: give a lower rate, or leave it a core"
            )


def _unserved(bench: Bench) -> Iterator[str]:
    for found in bench.found:
        if unserved := sum(each.outcome.unserved for each in found.rounds):
            yield (
                f"OVERLOADED: {unserved:,} of {found.served + unserved:,} requests to "
                f"{found.case.label} had no answer before the run was cut off, and count with a "
                "latency of 'never'"
            )


def tables(bench: Bench) -> Iterator[tuple[Texts, list[Texts]]]:
    """Yield headings and rows of each table; none where nothing was measured."""
    measured = [found for found in bench.found if found.rounds]
    if not measured:
        return
    joules = any(found.joules is not None for found in measured)
    yield (*SPEED, *(["J/item"] if joules else [])), [_speed(found, measured) for found in measured]
    yield LATENCY, [_latency(found) for found in measured]


def _speed(found: Found, measured: list[Found]) -> Texts:
    first = next(each for each in measured if each.case.batch_size == found.case.batch_size)
    ratio = found.items_per_second / first.items_per_second if first.items_per_second else 0.0
    row: dict[str, Any] = row_of(found)
    shown = ("cpu_percent", "peak_rss_bytes", "load_s", "first_call_s")
    texts = (METRICS[name].show(row[name]) if name in row else "n/a" for name in shown)
    items = found.served * found.case.batch_size
    return (
        *_case(found),
        f"{found.served:,}",
        f"{found.items_per_second:,.1f}",
        "-" if found is first else f"{ratio:.2f}x",
        found.balance,
        *texts,
        *([] if found.joules is None else [f"{found.joules / max(items, 1):.3g}"]),
    )


def _latency(found: Found) -> Texts:
    row = row_of(found)
    return (
        *_case(found),
        *(show_latency(row.get(name)) for name in ("mean_s", "median_s", "std_s")),
        *(_show_percentile(row, percent) for percent in PERCENTS),
        show_latency(row.get("max_s")),
    )


def _show_percentile(row: dict[str, Any], percent: int) -> str:
    """Return a percentile with its bound, or the number of requests that it needs."""
    bound = row.get(f"p{percent}_bound_s")
    if bound is None:
        return f"n/a (needs {samples_needed(percent):,})"
    shown = show_latency(row[f"p{percent}_s"])
    if shown == "never":
        return shown
    return f"{shown} (≤{show_latency(bound).removesuffix(' ms')})"


def _case(found: Found) -> Texts:
    return (found.case.engine, str(found.case.batch_size))


def show_latency(seconds: float | None) -> str:
    """Return a latency in milliseconds, with three digits or whole ones."""
    if seconds is None:
        return "n/a"
    if seconds == math.inf:
        return "never"
    milliseconds = seconds * 1e3
    return f"{milliseconds:,.0f} ms" if milliseconds >= 100 else f"{milliseconds:#.3g} ms"
