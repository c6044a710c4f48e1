"""The measured process of a whole-process run: load, encode, search, check, report.

    python -m emch.tasks.worker JOB RESULT

JOB is a JSON object with the fields of `Job`; RESULT becomes a JSON file with either the outcome
or the error. Nothing is imported here that the task does not need, since it is all accounted.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emch.datasets.registry import load_dataset
from emch.errors import EmchError
from emch.measure.process import Account
from emch.tasks.check import cosine_to_reference
from emch.tasks.encoding import encoder
from emch.tasks.semantic_search import search


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to run.

    Attributes
    ----------
    backend, model, dataset : str
        By name.
    data : str or None
        The dataset's folder, where it is not in the usual places.
    batch_size, threads : int
        Texts and threads a batch.
    limit : int or None
        The number of queries, or None for all.
    """

    backend: str
    model: str
    dataset: str
    data: str | None
    batch_size: int
    threads: int
    limit: int | None


def work(job: Job) -> dict[str, Any]:
    """Do the job once, take the account, then check the session's answers."""
    dataset = load_dataset(job.dataset, Path(job.data) if job.data else None).limited(job.limit)
    start = time.perf_counter()
    session = encoder(job.backend, model=job.model, threads=job.threads)
    load_s = time.perf_counter() - start
    result = search(session, dataset, job.batch_size)
    before_check = Account.so_far()
    cosine = cosine_to_reference(session, job.model, job.batch_size)
    return {
        "queries": len(dataset.queries),
        "documents": len(dataset.titles),
        "hits": result.hits,
        "load_s": load_s,
        "tokenize_s": result.spent.tokenize_s,
        "encode_s": result.encode_s,
        "pool_s": result.spent.pool_s,
        "search_s": result.search_s,
        "batch_s": result.spent.batch_s,
        "cosine_to_reference": cosine,
        "session": asdict(session.info),
        "artifact": {"kind": session.artifact.kind, "sha256": session.artifact.sha256},
        "before_check": asdict(before_check),
        "after_check": asdict(Account.so_far()),
    }


def main(job: str, result: str) -> None:
    """Run as described above; an error that emch foresees is a result too."""
    try:
        outcome = work(Job(**json.loads(job)))
    except EmchError as error:
        outcome = {"error": str(error), "kind": type(error).__name__}
    Path(result).write_text(json.dumps(outcome), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
