"""Runs a pipeline in a process of its own, again where a worker was lost, and makes a record."""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from emch.backends.registry import open_model
from emch.beam.answers import Found
from emch.beam.apart import apart
from emch.beam.asked import Asked
from emch.beam.figures import (
    BATCH_BYTES,
    BATCH_LATENCY,
    BATCH_SIZE,
    CPU_MS,
    FAILED_BATCHES,
    INFERENCES,
    LOAD_LATENCY,
    PEAK,
    REFUSED,
    Distribution,
    Metrics,
)
from emch.beam.runners import runner_options
from emch.beam.work.inputs import find_source
from emch.beam.work.tasks import Checked, check
from emch.cache import replace_file
from emch.errors import EmchError, WorkerLost
from emch.measure.machine import describe_machine, installed_versions
from emch.records import Record
from emch.records.row import Row, checked, counted, sampled, unit_of
from emch.runners.fresh_process import environment, run_worker

ATTEMPTS = 4
"""Runs of a pipeline that loses a worker in each: a cluster has its own rule for that."""


@dataclass(frozen=True)
class Ended:
    """A pipeline that has ended.

    Attributes
    ----------
    record : Record
        What was measured.
    found : Found
        What became of the inputs.
    """

    record: Record
    found: Found


def run(asked: Asked) -> Ended:
    """Run a pipeline, from its start as often as a worker of the embedded runner is lost.

    Raises
    ------
    WorkerLost
        A worker was lost in every attempt.
    EmchError
        As the process of the pipeline raised it; or none of the inputs has an answer.
    """
    # What is cheap to find wrong comes first.
    find_source(asked.task, asked.data, asked.count, asked.seed)
    runner_options(asked)
    # Networks are made before the pipeline, whose processes do not ask the Hub.
    before = apart(check, asked)
    lost = 0
    while True:
        try:
            told = _attempt(asked)
            break
        except WorkerLost as error:
            lost += 1
            if lost == ATTEMPTS:
                raise WorkerLost(
                    f"{error}, in {ATTEMPTS} runs of it: is there memory for {asked.workers} "
                    "workers?"
                ) from error
    found = Found.from_dict(told["found"])
    if not found.answered:
        place, reason = found.reasons[0]
        raise EmchError(
            f"none of {told['inputs']:,} inputs has an answer; that of number {place}: {reason}"
        )
    return Ended(_record(asked, before, told, found, lost), found)


def _attempt(asked: Asked) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        job, result = Path(folder) / "job.json", Path(folder) / "result.json"
        replace_file(job, asked.to_json())
        command = [sys.executable, "-P", "-m", "emch.beam.process", str(job), str(result)]
        return run_worker(command, result, environment(asked.threads))[1]


def _record(
    asked: Asked, before: Checked, told: Mapping[str, Any], found: Found, lost: int
) -> Record:
    network, session, cosine = before
    if network is None:
        artifact, model = open_model(asked.backend, asked.model).to_dict(), asked.model
    else:
        artifact, model = network.artifact(), network.name
    return Record(
        task=asked.task,
        model=model,
        backend=asked.backend,
        parameters=asked.parameters(),
        options={"threads": asked.threads, "streams": 1, "device": "cpu"},
        rows=[
            *_rows(Metrics.from_dict(told["metrics"])),
            counted("inputs", told["inputs"]),
            counted("answered", found.answered),
            counted("dead_letters", found.dead),
            counted("lost_workers", lost),
            sampled("elapsed_s", [told["elapsed_s"]]),
            sampled("call_s", [each.seconds for each in found.requests.values()]),
            sampled("batch_inputs", [each.size for each in found.requests.values()]),
            counted("worker_processes", len({each.worker for each in found.requests.values()})),
            *([checked(cosine, artifact)] if cosine is not None else []),
        ],
        session=session,
        artifact=artifact,
        versions=installed_versions(),
        machine=describe_machine(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _rows(metrics: Metrics) -> Iterator[Row]:
    """Yield what Beam's own query returned, in our units."""
    size, latency, load = (
        metrics.distributions[name] for name in (BATCH_SIZE, BATCH_LATENCY, LOAD_LATENCY)
    )
    yield counted("mean_requested_batch_size", size.mean)
    yield counted("mean_batch_latency_s", latency.mean * 1e-6)
    yield counted("mean_model_load_s", load.mean * 1e-3)
    yield from _ends("requested_batch_size", size, 1)
    yield from _ends("batch_latency_s", latency, 1e-6)
    yield from _ends("model_load_s", load, 1e-3)
    yield counted("batches", size.count)
    yield counted("inferences", metrics.counters[INFERENCES])
    yield counted("failed_batches", metrics.counters.get(FAILED_BATCHES, 0))
    yield counted("refused_batches", metrics.counters.get(REFUSED, 0))
    yield counted("batch_bytes", metrics.distributions[BATCH_BYTES].sum)
    yield sampled("worker_cpu_s", [metrics.counters[CPU_MS] * 1e-3])
    yield sampled("peak_rss_bytes", [metrics.distributions[PEAK].max])


def _ends(name: str, found: Distribution, unit: float) -> Iterator[Row]:
    """Yield the least and the greatest value of a distribution."""
    for statistic, value in (("min", found.min), ("max", found.max)):
        tags = {"statistic": statistic}
        yield Row(metric=name, unit=unit_of(name), samples=[value * unit], tags=tags)
