"""Runs a task in a fresh process and makes a record of it."""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from emch.backends.registry import open_model
from emch.errors import ChildFailed, as_raised
from emch.measure.machine import describe_machine, installed_versions
from emch.measure.process import Account, run_accounted
from emch.models.artifacts import open_artifact
from emch.records import Record
from emch.records.row import checked, counted, sampled
from emch.runners.worker import Job


def run(job: Job) -> Record:
    """Run a job once in a fresh process.

    The check of the session's answers happens in the same process after the task; its time is
    taken off, and peak memory is read before it. So the figures are those of a process that loads,
    runs the task and ends.

    Raises
    ------
    WrongAnswer
        The session's embeddings are too far from the reference.
    Unavailable, BrokenArtifact, InvalidInput
        As the worker raised it.
    OptionNotHonoured, CompiledWhileTimed, ChildFailed
        As the worker raised it, or the worker died.
    """
    artifact = open_model(job.backend, job.model, thorough=True)
    if not artifact.own:
        open_artifact(job.model, "reference", thorough=True)
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        result = Path(folder) / "result.json"
        command = [
            sys.executable,
            "-P",
            "-m",
            "emch.runners.worker",
            job.to_json(),
            str(result),
        ]
        environment = _environment(job.options.threads)
        total, outcome = run_worker(command, result, environment)
    return _record(job, job.backend if artifact.own else job.model, total, outcome)


def run_worker(
    command: Sequence[str], result: Path, environment: Mapping[str, str]
) -> tuple[Account, dict[str, Any]]:
    """Run a command that writes a result; return its account and what it wrote.

    Raises
    ------
    EmchError
        As it was raised in the process, if the result has it; `ChildFailed` otherwise.
    """
    try:
        total = run_accounted(command, result.parent, environment)
    except ChildFailed as failed:
        if result.is_file() and "error" in (found := _read(result)):
            raise as_raised(found) from failed
        raise
    if not result.is_file():
        raise ChildFailed("the measured process ended with status 0 and left no result")
    return total, _read(result)


def _read(result: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found


def _environment(threads: int) -> dict[str, str]:
    """Hold every thread pool to the same number, and keep every library off the network."""
    pools = ("OMP", "OPENBLAS", "MKL", "RAYON")
    return {
        **{f"{pool}_NUM_THREADS": str(threads) for pool in pools},
        "TOKENIZERS_PARALLELISM": "true",
        "HF_HUB_OFFLINE": "1",
    }


def _record(job: Job, model: str, total: Account, outcome: dict[str, Any]) -> Record:
    before, after = Account(**outcome["before_check"]), Account(**outcome["after_check"])
    wall = total.wall_s - (after.wall_s - before.wall_s)
    user = total.user_s - (after.user_s - before.user_s)
    kernel = total.kernel_s - (after.kernel_s - before.kernel_s)
    cosine = outcome["cosine_to_reference"]
    rows = [
        *(counted(name, count) for name, count in outcome["counts"]),
        sampled("wall_s", [wall]),
        sampled("user_s", [user]),
        sampled("kernel_s", [kernel]),
        sampled("cpu_percent", [100 * (user + kernel) / wall]),
        sampled("peak_rss_bytes", [before.peak_rss_bytes]),
        *(sampled(name, samples) for name, samples in outcome["samples"]),
        *([] if cosine is None else [checked(cosine, outcome["artifact"])]),
    ]
    return Record(
        task=job.task.name,
        model=model,
        backend=job.backend,
        parameters=asdict(job.task),
        options=asdict(job.options),
        rows=rows,
        session=outcome["session"],
        artifact=outcome["artifact"],
        versions=installed_versions(),
        machine=describe_machine(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
