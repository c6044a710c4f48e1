"""The measured process of a backend in Python: load, encode, search, answer the probes, report.

    python -m emch.runners.worker JOB RESULT

JOB is the file of a `Job`; RESULT becomes a JSON file with either the outcome or the error, written
whole or not at all: see docs/native-runners.md. Nothing is imported here that the task does not
need, since it is all accounted.
"""

import json
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from emch.arrays import FloatArray
from emch.backends.registry import get_backend
from emch.cache import replace_file
from emch.encoding.check import answer_probes
from emch.encoding.encoder import Encoder, load_encoder
from emch.encoding.first import answer_texts
from emch.errors import ChildFailed, EmchError, in_words
from emch.measure.process import Account, resident_bytes
from emch.runners.job import CONTRACT, Job
from emch.runners.result import write_error


def work(job: Job) -> dict[str, Any]:
    """Do the job once, take the account, then answer the probes and score what was found."""
    job.task.require_inputs(job.options)
    start = time.perf_counter()
    _import_engine(job.backend)
    imported = time.perf_counter()
    encoder = load_encoder(job.backend, job.model, job.options)
    loaded = time.perf_counter()
    resident = resident_bytes()
    outcome = job.task.run(encoder)
    before_check = Account.so_far()
    compile_s = list(encoder.compile_s)  # the check may compile too
    answers = [
        _answer(each, job).tolist()
        for each in (encoder, *outcome.further)
        if job.first or not each.artifact.own
    ]
    return {
        "contract": CONTRACT,
        # Pairs and not mappings, so that a name that is there twice is seen.
        "counts": [
            *outcome.counts.items(),
            *([("compilations", len(compile_s))] if compile_s else []),
        ],
        "samples": [
            ("import_s", [imported - start]),
            ("load_s", [loaded - start]),
            *([("compile_s", [sum(compile_s)])] if compile_s else []),
            ("rss_after_load_bytes", [resident]),
            *outcome.samples.items(),
            *outcome.score().items(),
        ],
        "answers": answers,
        "session": asdict(encoder.info),
        "before_check": asdict(before_check),
        "after_check": asdict(Account.so_far()),
    }


def _answer(encoder: Encoder, job: Job) -> FloatArray:
    """Return the embeddings that this process's answers are checked by."""
    if encoder.artifact.own:
        return answer_texts(encoder, job.task.batch_size)
    return answer_probes(encoder, job.model, job.task.batch_size)


def _import_engine(backend: str) -> None:
    """Import what a backend needs; if that fails, loading the backend reports it."""
    with suppress(ImportError, OSError):  # the latter where its libraries are not for this machine
        get_backend(backend).import_engine()


def main(job: str, result: str) -> None:
    """Run as described above; an exception that ends the process is a result too."""
    sys.excepthook = partial(hand_over, Path(result))
    outcome = work(Job.from_json(Path(job).read_text(encoding="utf-8")))
    replace_file(Path(result), json.dumps(outcome))


def hand_over(
    result: Path, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Write an exception as the result, and its traceback to stderr, as Python does."""
    sys.__excepthook__(kind, error, trace)
    if not isinstance(error, EmchError):
        error = ChildFailed(
            f"the measured process failed ({in_words(error)}): 'emch --debug' shows its traceback"
        )
    write_error(result, error)


if __name__ == "__main__":
    main(*sys.argv[1:])
