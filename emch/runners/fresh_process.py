"""Runs a task in a fresh process, holds its answers against the reference, and makes a record."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from emch.arrays import FloatArray
from emch.backends.load import require_options
from emch.backends.native.program import Program
from emch.backends.registry import get_backend, open_model
from emch.cache import replace_file
from emch.encoding.check import hold_against_reference
from emch.encoding.first import hold_against_first
from emch.errors import ChildFailed, WrongAnswer
from emch.measure.machine import describe_machine, installed_versions
from emch.measure.process import Account, run_accounted
from emch.models.artifacts import KINDS, Artifact, open_artifact
from emch.records import Record
from emch.records.row import checked, counted, sampled
from emch.runners.job import Job
from emch.runners.native_job import native_job
from emch.runners.result import Result, as_result, read_error, read_result


def run(job: Job) -> Record:
    """Run a job once in a fresh process: a Python worker, or a program of another language.

    The process answers the probes after the task; the time of that is taken off, and peak memory
    is read before it. So the figures are those of a process that loads, runs the task and ends.

    Raises
    ------
    WrongAnswer
        The session's embeddings are too far from the reference.
    Unavailable, BrokenArtifact, InvalidInput
        As the process raised it.
    OptionNotHonoured, CompiledWhileTimed, ChildFailed
        As the process raised it, or it died.
    """
    artifact = open_model(job.backend, job.model, thorough=True)
    if not artifact.own:
        open_artifact(job.model, "reference", thorough=True)
    backend = get_backend(job.backend)
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        path, target = Path(folder) / "job.json", Path(folder) / "result.json"
        if issubclass(backend, Program):
            require_options(job.backend, job.options)
            replace_file(path, native_job(job, backend, artifact))
            command = [str(backend.find()), str(path), str(target)]
        else:
            replace_file(path, job.to_json())
            command = [
                sys.executable, "-P", "-m", "emch.runners.worker", str(path), str(target)
            ]  # fmt: skip
        total, found = run_worker(command, target, environment(job.options.threads))
    result = as_result(found)
    if issubclass(backend, Program):
        backend.require_honoured(result.session, job.options)
    return _record(job, artifact, total, result)


def run_worker(
    command: Sequence[str], target: Path, variables: Mapping[str, str]
) -> tuple[Account, dict[str, Any]]:
    """Run a command that writes a result; return its account and what it wrote.

    Raises
    ------
    EmchError
        As it was raised in the process, if the result has it; `ChildFailed` otherwise.
    """
    try:
        total = run_accounted(command, target.parent, variables)
    except ChildFailed as failed:
        if (error := read_error(target)) is not None:
            raise error from failed
        raise
    if not target.is_file():
        raise ChildFailed("the measured process ended with status 0 and left no result")
    return total, read_result(target)


def environment(threads: int) -> dict[str, str]:
    """Hold every thread pool to the same number, and keep every library off the network."""
    pools = ("OMP", "OPENBLAS", "MKL", "RAYON")
    return {
        **{f"{pool}_NUM_THREADS": str(threads) for pool in pools},
        "TOKENIZERS_PARALLELISM": "true",
        "HF_HUB_OFFLINE": "1",
    }


def _hold(found: FloatArray, job: Job, precision: str) -> float:
    """Return the cosine to the first answers, or to the reference; see what either raises."""
    if job.first:
        return hold_against_first(found, job.backend, precision, Path(job.first))
    return hold_against_reference(found, job.backend, precision, job.model)


def _name_of_model(job: Job, artifact: Artifact) -> str:
    """Return the key of the model; of another one that was made of it, both are named."""
    if not artifact.own:
        return job.model
    return f"{job.model}~{artifact.kind}" if artifact.kind in KINDS else job.backend


def _record(job: Job, artifact: Artifact, total: Account, found: Result) -> Record:
    before, after = found.before_check, found.after_check
    wall = total.wall_s - (after.wall_s - before.wall_s)
    user = total.user_s - (after.user_s - before.user_s)
    kernel = total.kernel_s - (after.kernel_s - before.kernel_s)
    description = artifact.to_dict()
    if not artifact.own and not found.answers:
        raise WrongAnswer(
            f"the backend '{job.backend}' gives no embeddings of the probes, so its answers cannot "
            "be checked: 'emch doctor --backend' says what it owes"
        )
    cosines = [_hold(each, job, found.session["precision"]) for each in found.answers]
    rows = [
        *(counted(name, count) for name, count in found.counts),
        sampled("wall_s", [wall]),
        sampled("user_s", [user]),
        sampled("kernel_s", [kernel]),
        sampled("cpu_percent", [100 * (user + kernel) / wall]),
        sampled("peak_rss_bytes", [before.peak_rss_bytes]),
        *(sampled(name, samples) for name, samples in found.samples),
        *([checked(min(cosines), description)] if cosines else []),
    ]
    return Record(
        task=job.task.name,
        model=_name_of_model(job, artifact),
        backend=job.backend,
        parameters=asdict(job.task),
        options=asdict(job.options),
        rows=rows,
        session=found.session,
        artifact=description,
        versions=installed_versions(),
        machine=describe_machine(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
