"""A benchmark for people: what was asked, the tables, the distributions, what is to be known."""

from collections.abc import Iterator
from typing import Any

from emch.bench.alternate import Bench
from emch.bench.found import Found
from emch.bench.table import row_of
from emch.metrics import METRICS
from emch.report.histogram import draw
from emch.scenarios.outcome import MOST_LATE

CASE = ("engine", "batch", "streams")
LATENCIES = ("mean_s", "median_s", "std_s", "p90_s", "p95_s", "p99_s", "max_s")
SPEED = (*CASE, "items/s", "of first", "mean", "median", "std", "p90", "p95", "p99", "max")
REST = (*CASE, "requests", "balance", "CPU", "peak memory", "load", "first call")


def introduce(bench: Bench) -> Iterator[str]:
    """Yield what must be known first, what was measured, and the inputs."""
    yield from _late(bench)
    plan = bench.plan
    first = plan.cases[0]
    until = f"{plan.iterations:,} requests" if plan.iterations else f"{plan.seconds:g} s"
    yield (
        f"{plan.model.name}: {plan.scenario.name}, {until} of each case, "
        f"threads {first.options.threads}, streams {first.options.streams}"
    )
    yield from plan.inputs.describe(sorted({case.batch_size for case in plan.cases}))


def _late(bench: Bench) -> Iterator[str]:
    for found in bench.found:
        late = sum(each.outcome.late for each in found.rounds)
        if found.served and late / found.served > MOST_LATE:
            yield (
                f"NOT AS PLANNED: {late:,} of {found.served:,} requests to {found.case.label} were "
                "sent late by the generator itself: give a lower rate, or leave it a core"
            )


def speeds(bench: Bench) -> Iterator[tuple[str, ...]]:
    """Yield the texts under `SPEED` for each case that was measured."""
    measured = [found for found in bench.found if found.rounds]
    for found in measured:
        row = row_of(found)
        first = next(each for each in measured if each.case.batch_size == found.case.batch_size)
        ratio = found.items_per_second / first.items_per_second if first.items_per_second else 0.0
        yield (
            *_case(found),
            f"{row['items_per_second']:,.1f}",
            "-" if found is first else f"{ratio:.2f}x",
            *(show_latency(row.get(name)) for name in LATENCIES),
        )


def _case(found: Found) -> tuple[str, ...]:
    case = found.case
    return (case.engine, str(case.batch_size), str(case.options.streams))


def show_latency(seconds: float | None) -> str:
    """Return a latency in milliseconds, with three digits or whole ones."""
    if seconds is None:
        return "n/a"
    milliseconds = seconds * 1e3
    return f"{milliseconds:,.0f} ms" if milliseconds >= 100 else f"{milliseconds:#.3g} ms"


def rest(bench: Bench) -> Iterator[tuple[str, ...]]:
    """Yield the texts under `REST` for each case that was measured."""
    for found in bench.found:
        if found.rounds:
            row: dict[str, Any] = row_of(found)
            shown = ("cpu_percent", "peak_rss_bytes", "load_s", "first_call_s")
            texts = (METRICS[name].show(row[name]) if name in row else "n/a" for name in shown)
            yield (*_case(found), f"{found.served:,}", found.balance, *texts)


def distributions(bench: Bench) -> Iterator[str]:
    """Yield a line for each case: where its latencies are on one axis."""
    measured = [found for found in bench.found if found.served]
    if not measured:
        return
    least, greatest, lines = draw([found.latencies_s for found in measured])
    yield f"latencies from {show_latency(least)} to {show_latency(greatest)}, logarithmic"
    for found, line in zip(measured, lines, strict=True):
        yield f"|{line}| {found.case.label}"


def answers(bench: Bench) -> Iterator[str]:
    """Yield what the outputs are: how they differ, and what of them is not a number."""
    for each in bench.agreements:
        for name, count in each.nan.items():
            yield (
                f"NaN: {count:,} of {each.numbers[name]:,} numbers of the output '{name}' of "
                f"{each.engine} at batch size {each.batch_size} are not a number"
            )
        if each.why_not:
            yield f"the outputs of {each.engine} and {each.first} are not compared: {each.why_not}"
        for found in each.differences:
            same = found.same_argmax
            yield (
                f"'{found.output}' of {each.engine} against {each.first}, batch size "
                f"{each.batch_size}: differs by {found.absolute:.2g} at most, {found.relative:.2g} "
                f"of its greatest number"
                + ("" if same is None else f"; arg-max is the same in {same:.1%} of rows")
            )
