"""A benchmark as JSON: a record for each case, with raw samples and all that repeating needs.

Its `records` have the layout of docs/records.md.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np

from emch.bench.agreement import Agreement
from emch.bench.alternate import Bench
from emch.bench.found import Found, Round
from emch.errors import handed_over
from emch.measure.machine import describe_machine, installed_versions
from emch.records import Record, Row
from emch.records.row import counted, sampled, unit_of

LAYOUT = 1
"""The version of the layout of what is around the records."""


def to_json(bench: Bench, command: Sequence[str]) -> str:
    """Return a benchmark as one line of JSON.

    Parameters
    ----------
    bench : Bench
        With what it has found so far.
    command : sequence of str
        The command line that it was started with.
    """
    created = datetime.now(UTC).isoformat(timespec="seconds")
    measured = [found for found in bench.found if found.rounds]
    content = {
        "layout": LAYOUT,
        "command": list(command),
        "created": created,
        "files": {name: asdict(entry) for name, entry in bench.files.items()},
        "inputs": [asdict(each) for each in bench.plan.inputs.signature.inputs],
        "records": [each.to_dict() for each in records(bench, measured, created)],
        "cases": [_more(found) for found in measured],
        "agreement": [_agreement(each) for each in bench.agreements],
        "failed": [
            {"engine": found.case.engine, "batch_size": found.case.batch_size,
             **handed_over(found.error)}
            for found in bench.found if found.error
        ],
    }  # fmt: skip
    return json.dumps(content, allow_nan=False, ensure_ascii=False)


def _agreement(each: Agreement) -> dict[str, Any]:
    """Return it as JSON has it: a difference that no number measures is null."""
    differences = [
        {name: None if value == math.inf else value for name, value in asdict(one).items()}
        for one in each.differences
    ]
    return {**asdict(each), "differences": differences}


def _more(found: Found) -> dict[str, Any]:
    """Return what is known of a case beside its record."""
    rate = found.rate
    return {
        "engine": found.case.engine,
        "batch_size": found.case.batch_size,
        "pinned": dict(found.pinned),
        "operators": [asdict(each) for each in found.operators],
        "loadgen": [each.verdict for each in found.rounds if each.verdict],
        "rate": rate
        and {
            "rate": rate.rate,
            "reason": rate.reason,
            "steps": [
                {"rate": step.rate, "goodput": step.goodput, "kept": step.kept}
                for step in rate.steps
            ],
        },
    }


def records(bench: Bench, measured: Sequence[Found], created: str) -> Iterator[Record]:
    """Yield the record of each case that was measured."""
    versions, machine = installed_versions(), describe_machine()
    for found in measured:
        yield Record(
            task="bench",
            model=bench.plan.model.name,
            backend=found.case.engine,
            parameters=_parameters(bench, found),
            options=asdict(found.case.options),
            rows=list(_rows(found)),
            session=found.loaded["session"],
            artifact=bench.plan.model.artifact(found.case.engine),
            versions=versions,
            machine=machine,
            created=created,
        )


def _parameters(bench: Bench, found: Found) -> Mapping[str, Any]:
    plan, inputs = bench.plan, bench.plan.inputs
    size = found.case.batch_size
    return {
        "batch_size": size,
        "scenario": plan.scenario.name,
        **asdict(plan.scenario),
        "seconds": plan.seconds,
        "iterations": plan.iterations,
        "rounds": plan.rounds,
        "warmup_s": plan.warmup_s,
        "seed": inputs.seed,
        "shapes": {each.name: inputs.axes.shape(each, size) for each in inputs.signature.inputs},
        "lengths": inputs.lengths_origin or None,
        "inputs": str(inputs.file) if inputs.file else None,
    }


def _rows(found: Found) -> Iterator[Row]:
    outcomes = [each.outcome for each in found.rounds]
    yield counted("requests", found.served)
    yield counted("items", found.served * found.case.batch_size)
    yield counted("late", sum(each.late for each in outcomes))
    yield counted("unserved", sum(each.unserved for each in outcomes))
    for name in ("import_s", "load_s", "rss_after_load_bytes"):
        yield sampled(name, [found.loaded[name]])
    if found.first_call_s is not None:
        yield sampled("first_call_s", [found.first_call_s])
    yield sampled("elapsed_s", [sum(each.elapsed_s for each in outcomes)])
    yield sampled("cpu_percent", [found.cpu_percent])
    yield sampled("peak_rss_bytes", [found.peak_rss_bytes])
    if found.joules is not None:
        yield counted("joules", found.joules)
    for number, each in enumerate(found.rounds, 1):
        yield from _samples(each, {"round": str(number)})


def _samples(each: Round, tags: Mapping[str, str]) -> Iterator[Row]:
    """Yield the raw times of the requests of a round that were served, and leave out doubles."""
    outcome = each.outcome
    served = np.isfinite(outcome.ended_s)
    times = {
        "call_s": outcome.latencies_s,
        "started_s": outcome.started_s,
        "sent_s": outcome.sent_s,
        "planned_s": outcome.planned_s,
    }
    if np.array_equal(times["planned_s"], times["sent_s"]):
        del times["planned_s"]
    if np.array_equal(times["sent_s"], times["started_s"]):
        del times["sent_s"]
    for name, seconds in times.items():
        yield _row(name, [round(second, 9) for second in seconds[served].tolist()], tags)
    if outcome.unserved:
        yield _row("unserved_planned_s", outcome.planned_s[~served].tolist(), tags)
    if outcome.streams > 1:
        yield _row("stream", outcome.stream[served].tolist(), tags)
    if outcome.together.max(initial=1) > 1:
        yield _row("together", outcome.together[served].tolist(), tags)


def _row(name: str, samples: Sequence[float], tags: Mapping[str, str]) -> Row:
    return Row(metric=name, unit=unit_of(name), samples=samples, tags=tags)
