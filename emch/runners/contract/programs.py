"""Holds a program in another language against the contract of docs/native-runners.md."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emch.datasets import mini
from emch.datasets.registry import load_dataset
from emch.models.agreement import COSINE_LIMITS, agreement
from emch.models.artifacts import open_artifact
from emch.models.tokenizer import load_tokenizer
from emch.runners.contract import refusals
from emch.runners.contract.schemas import misfits, validator
from emch.runners.contract.subject import DoesNotApply, Found
from emch.runners.contract.trial import THREADS, Runner, Trial

START_S = 1.0
"""How long a program runs before it is interrupted."""

END_S = 10.0
"""How long it may take to end then."""


def hold_program(program: Path, model: str) -> Found:
    """Hold a program against the contract.

    Parameters
    ----------
    program : Path
        An executable file.
    model : str
        The key of the prepared model that it is tried with.

    Raises
    ------
    Unavailable
        It cannot be started, does not describe itself, or the package jsonschema is missing.
    """
    runner = Runner(program.absolute(), model)
    validator("result")
    _ = runner.description
    return {name: find_faults(check, runner) for name, check in CHECKS.items()}


def find_faults(check: "Check", runner: Runner) -> list[str] | None:
    """Return what a check finds, or None where it does not apply."""
    try:
        return list(check(runner))
    except DoesNotApply:
        return None
    except subprocess.TimeoutExpired as hung:
        return [f"it gives no answer within {hung.timeout:g} s"]


def _done(trial: Trial) -> Iterator[str]:
    """Yield what is wrong with a job that had to be done."""
    if trial.status:
        yield f"it ends with status {trial.status}: {trial.said.strip()[-200:] or 'no message'}"
        return
    yield from misfits("result", trial.result)
    if trial.printed:
        yield f"it writes to stdout: {trial.printed[:80]!r}"
    if trial.left != ["result.json"]:
        yield f"it leaves the files {', '.join(trial.left)}, and not result.json alone"


def _result(runner: Runner, task: str, faults: list[str], **other: Any) -> Mapping[str, Any] | None:
    """Let a program do a task; return its result, or None where `faults` has what is wrong."""
    if task not in runner.description.tasks:
        raise DoesNotApply
    trial = runner.do(runner.job(task, **other))
    faults += _done(trial)
    return None if faults else dict(trial.result)


def description_is_what_its_schema_says(runner: Runner) -> Iterator[str]:
    """Look at what the program says of itself."""
    text = subprocess.run(
        [runner.program, "--describe"], capture_output=True, check=True, text=True, timeout=END_S
    ).stdout
    yield from misfits("description", json.loads(text))


def startup_is_done(runner: Runner) -> Iterator[str]:
    """Encode a few texts once, and again on one thread: an engine may wait there for another."""
    for threads in (THREADS, 1):
        faults: list[str] = []
        if found := _result(runner, "startup", faults, threads=threads):
            faults += _lacking(found, "samples", ("load_s", "rss_after_load_bytes", "first_call_s"))
            faults += _accounts(found)
            if (used := found["session"]["threads"]) != threads:
                faults.append(f"the threads asked for were {threads}, and its session has {used}")
        yield from faults


def probes_agree_with_the_reference(runner: Runner) -> Iterator[str]:
    """Compare the answers with the model's own library, at two batch sizes."""
    wanted, precision = runner.reference[1], runner.precision
    for batch_size in (1, 16):
        faults: list[str] = []
        if found := _result(runner, _first(runner), faults, batch_size=batch_size):
            for answers in found["answers"]:
                agreed = agreement(np.array(answers, dtype=np.float32), wanted)
                if not agreed.reaches(precision):
                    faults.append(
                        f"at batch size {batch_size} its embeddings of the probes and those of the "
                        f"reference {agreed}; {precision} needs {COSINE_LIMITS[precision]}"
                    )
            if not found["answers"]:
                faults.append("it gives no embeddings of the probes")
        yield from faults


def search_counts_what_the_dataset_has(runner: Runner) -> Iterator[str]:
    """Search in the dataset mini, whose queries and titles are counted here too."""
    faults: list[str] = []
    if found := _result(runner, "semantic-search", faults):
        texts, tokenizer = load_dataset(mini.NAME), _tokenizer(runner)
        every = [*texts.documents, *texts.queries]
        wanted = {
            "queries": len(texts.queries),
            "documents": len(texts.documents),
            "tokens": sum(len(each.ids) for each in tokenizer.encode_batch_fast(every)),
        }
        counts = dict(found["counts"])
        faults += [
            f"it counts {counts.get(name)} {name} in the dataset mini, which has {count}"
            for name, count in wanted.items()
            if counts.get(name) != count
        ]
        if not 0 < counts.get("hits", 0) <= len(texts.queries):
            faults.append(f"it counts {counts.get('hits')} hits of {len(texts.queries)} queries")
        faults += _lacking(found, "samples", ("load_s", "encode_s", "search_s", "batch_s"))
    yield from faults


def sentences_are_encoded_by_parallel_callers(runner: Runner) -> Iterator[str]:
    """Time calls by two callers."""
    faults: list[str] = []
    if found := _result(runner, "sentence-encoding", faults, callers=2, batch_size=2):
        counts, samples = dict(found["counts"]), dict(found["samples"])
        calls = len(samples.get("call_s", []))
        if calls < 6 or calls != counts.get("calls"):
            faults.append(
                f"it counts {counts.get('calls')} calls and has {calls} times of them, where two "
                "callers were to make 3 each at least"
            )
        if counts.get("sentences") != 2 * calls:
            faults.append(f"it counts {counts.get('sentences')} sentences in {calls} calls of 2")
        if len(found["answers"]) != 2:
            faults.append(f"two callers give {len(found['answers'])} sets of answers")
        faults += _lacking(found, "samples", ("call_s", "elapsed_s"))
    yield from faults


def tokens_are_those_of_the_models_tokenizer(runner: Runner) -> Iterator[str]:
    """Compare tokens, text by text."""
    faults: list[str] = []
    if found := _result(runner, "tokens", faults):
        texts = [probe.text for probe in runner.reference[0]]
        wanted = [each.ids for each in _tokenizer(runner).encode_batch_fast(texts)]
        faults += [
            f"the text {text[:40]!r} has other tokens: {own[:8]}... and not {ids[:8]}..."
            for text, own, ids in zip(texts, found["tokens"], wanted, strict=False)
            if own != ids
        ]
        if len(found["tokens"]) != len(texts):
            faults.append(f"{len(texts)} texts have {len(found['tokens'])} rows of tokens")
    yield from faults


def wrong_input_is_one_sentence(runner: Runner) -> Iterator[str]:
    """Give it one wrong job after another."""
    for what, job, target, statuses in refusals.wrong_jobs(runner, _first(runner)):
        for fault in refusals.faults(runner.do(job, target), target, statuses):
            yield f"{what}: {fault}"


def interrupted_it_ends_and_leaves_nothing(runner: Runner) -> Iterator[str]:
    """Send SIGTERM in the middle of a long task."""
    if "sentence-encoding" not in runner.description.tasks:
        raise DoesNotApply
    job = runner.job("sentence-encoding", min_seconds=600.0, max_seconds=600.0)
    with runner.started(job) as (process, folder):
        time.sleep(START_S)
        if process.poll() is not None:
            yield f"a job of 600 s has ended by itself, with status {process.returncode}"
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            yield f"after SIGTERM it is still there {END_S:g} s later"
            return
        if process.returncode == 0:
            yield "after SIGTERM it ends with status 0, as if it were done"
        if left := sorted(path.name for path in folder.iterdir() if path.name != "job.json"):
            yield f"after SIGTERM it leaves {', '.join(left)}"


def _first(runner: Runner) -> str:
    """Return a task of the program that embeds texts, the shortest one that it has."""
    for task in ("startup", "sentence-encoding", "semantic-search"):
        if task in runner.description.tasks:
            return task
    raise DoesNotApply


def _tokenizer(runner: Runner) -> Any:
    return load_tokenizer(open_artifact(runner.model, runner.artifact_kind).folder)


def _lacking(found: Mapping[str, Any], where: str, names: tuple[str, ...]) -> Iterator[str]:
    there = dict(found[where])
    for name in names:
        if not there.get(name):
            yield f"its {where} have no {name}"


def _accounts(found: Mapping[str, Any]) -> Iterator[str]:
    before, after = found["before_check"], found["after_check"]
    for name, value in before.items():
        if value > after[name]:
            yield f"its account has {name} {value} before the check, and {after[name]} after it"


Check = Callable[[Runner], Iterator[str]]

CHECKS: Mapping[str, Check] = {
    check.__name__.replace("_", " "): check
    for check in (
        description_is_what_its_schema_says,
        startup_is_done,
        probes_agree_with_the_reference,
        search_counts_what_the_dataset_has,
        sentences_are_encoded_by_parallel_callers,
        tokens_are_those_of_the_models_tokenizer,
        wrong_input_is_one_sentence,
        interrupted_it_ends_and_leaves_nothing,
    )
}
"""The contract of a program, by the words for each part of it."""
