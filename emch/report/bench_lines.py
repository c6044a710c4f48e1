"""A benchmark for people: all that is no table."""

from collections import Counter
from collections.abc import Iterator, Sequence

from emch.backends.profile import Operator
from emch.bench.alternate import Bench
from emch.bench.found import Found
from emch.report.bench import show_latency
from emch.report.histogram import draw
from emch.scenarios.outcome import join
from emch.scenarios.slices import drift

TOP = 10
"""The operators that are shown."""

PARTS = 20
"""The slices that a case is cut into to see whether it drifts, where nobody names their time."""


def paragraphs(bench: Bench) -> Iterator[list[str]]:
    """Yield what there is to say behind the tables, a list of lines for each matter."""
    measured = [found for found in bench.found if found.served]
    for each in (_distributions, _over_time, _bounds, _loadgen, _pinned, _profiles):
        yield list(each(bench, measured))
    yield list(_answers(bench))


def _distributions(_: Bench, measured: Sequence[Found]) -> Iterator[str]:
    """Yield a line for each case: where its latencies are on one axis."""
    if not measured:
        return
    least, greatest, lines = draw([found.latencies_s for found in measured])
    yield f"latencies from {show_latency(least)} to {show_latency(greatest)}, logarithmic"
    for found, line in zip(measured, lines, strict=True):
        yield f"|{line}| {found.case.label}"


def _over_time(bench: Bench, measured: Sequence[Found]) -> Iterator[str]:
    """Yield the throughput of each slice, if that is asked for, and which case still drifts."""
    for found in measured:
        elapsed = sum(each.outcome.elapsed_s for each in found.rounds)
        rates = [part.rate for part in found.slices(bench.plan.slice_s or elapsed / PARTS)]
        if bench.plan.slice_s:
            shown = " ".join(f"{rate * found.case.batch_size:,.1f}" for rate in rates)
            yield (
                f"{found.case.label}, items/s in slices of {bench.plan.slice_s:g} s: "
                f"{shown or 'none is whole'}"
            )
        if change := drift(rates):
            yield (
                f"STILL DRIFTS: the throughput of {found.case.label} changed by {change:+.0%} over "
                "the second half: give a longer --time or --warmup-time"
            )


def _bounds(bench: Bench, measured: Sequence[Found]) -> Iterator[str]:
    """Yield how many requests kept a bound, and the highest rate at which they do."""
    for found in measured:
        if (bound := bench.plan.goodput) and not bench.plan.loadgen:
            every = join([each.outcome for each in found.rounds])
            word = "kept" if bound.is_kept(every) else "not kept, or too few requests to know"
            yield f"{bound}: {bound.goodput(every):.2%} of {found.case.label} within it; {word}"
        if (rate := found.rate) and (bound := bench.plan.search):
            steps = f"{len(rate.steps)} steps"
            if rate.rate is None:
                yield f"{bound}: {found.case.label} keeps it at no rate, {rate.reason} ({steps})"
            else:
                yield (
                    f"{bound}: {found.case.label} keeps it up to {rate.rate:,.4g} requests per "
                    f"second ({steps}); {rate.reason}"
                )


def _loadgen(_: Bench, measured: Sequence[Found]) -> Iterator[str]:
    """Yield MLPerf LoadGen's own verdicts."""
    for found in measured:
        for verdict in (each.verdict for each in found.rounds if each.verdict):
            word = "VALID" if verdict["valid"] else f"INVALID: {verdict['reason']}"
            early = verdict["early_stopping"]
            yield f"LoadGen {verdict['version']} of {found.case.label}: {word}"
            if early:
                yield f"  early stopping: {early}"
            yield f"  logs: {verdict['folder']}"


def _pinned(bench: Bench, measured: Sequence[Found]) -> Iterator[str]:
    """Yield where the threads are, as it was read back."""
    if bench.plan.placement.cpus:
        numbers = ", ".join(str(cpu.number) for cpu in bench.plan.placement.cpus)
        yield f"engines are kept to the CPUs {numbers}"
    for found in measured:
        for thread, cpus in found.pinned.items():
            yield f"{found.case.label}: {thread} is on CPU {cpus}"


def _profiles(_: Bench, measured: Sequence[Found]) -> Iterator[str]:
    """Yield the slowest operators of each case, and the time by type."""
    for found in measured:
        if found.operators:
            yield from _profile(found.case.label, found.operators)


def _profile(label: str, operators: Sequence[Operator]) -> Iterator[str]:
    total = sum(each.seconds for each in operators)
    yield (
        f"{label}: {total * 1e3:.3g} ms a call in {len(operators)} operators, profiled apart; "
        f"the slowest {min(TOP, len(operators))}:"
    )
    for each in operators[:TOP]:
        share, spent = each.seconds / total, each.seconds * 1e3
        yield f"  {share:6.1%}  {spent:8.4f} ms  {each.kind}  {each.name}"
    kinds: Counter[str] = Counter()
    for each in operators:
        kinds[each.kind] += each.seconds  # type: ignore[assignment] # a Counter adds floats too
    shares = ", ".join(f"{kind} {spent / total:.1%}" for kind, spent in kinds.most_common(TOP))
    yield f"  by type: {shares}"


def _answers(bench: Bench) -> Iterator[str]:
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
