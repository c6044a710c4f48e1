"""The process of a pipeline: run it, and report what Beam counts and what became of the inputs.

    python -m emch.beam.process JOB RESULT

JOB is the file of an `Asked`; RESULT becomes a JSON file with what was found, or with the error.
"""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from emch.beam.asked import Asked
from emch.beam.handler import namespace_of
from emch.beam.parts import read_parts
from emch.beam.pipeline import build
from emch.beam.query import query
from emch.beam.runners import runner_options
from emch.beam.watch import watching_workers
from emch.beam.work.inputs import find_source, slice_size
from emch.beam.work.tasks import WORKS
from emch.cache import replace_file
from emch.errors import ChildFailed, EmchError, as_raised, in_words
from emch.runners.fresh_process import environment
from emch.runners.job import CONTRACT
from emch.runners.result import write_error

RAISED = re.compile(r"emch\.errors\.(\w+): (.*?)(?: \[while running '.*'\])?$", re.MULTILINE)
"""An error of emch's in what a worker told of it."""


def work(asked: Asked, give_up: Callable[[EmchError], None]) -> dict[str, Any]:
    """Run a pipeline once; see `watching_workers`."""
    source = find_source(asked.task, asked.data, asked.count, asked.seed)
    slices = list(source.slices(slice_size(asked.count, asked.workers)))
    doing = WORKS[asked.task](asked)
    variables = environment(asked.threads)
    os.environ.update(variables)  # worker processes that this one starts inherit them
    options = PipelineOptions(runner_options(asked))
    with watching_workers(give_up):
        pipeline = beam.Pipeline(options=options)
        build(pipeline, slices, source, doing, variables)
        start = time.perf_counter()
        result = pipeline.run()
        result.wait_until_finish()
        elapsed = time.perf_counter() - start
    inputs = sum(part.size for part in slices)
    return {
        "contract": CONTRACT,
        "inputs": inputs,
        "elapsed_s": elapsed,
        "found": read_parts(asked.out, inputs).to_dict(),
        "metrics": query(result, namespace_of(asked.backend)).to_dict(),
    }


def main(job: str, result: str) -> None:
    """Run as described above; an exception that ends the process is a result too."""
    logging.basicConfig(level=logging.ERROR)  # Beam tells of each worker and stage
    sys.excepthook = partial(hand_over, Path(result))
    asked = Asked.from_json(Path(job).read_text(encoding="utf-8"))
    found = work(asked, partial(write_error, Path(result)))
    replace_file(Path(result), json.dumps(found))


def hand_over(
    result: Path, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Write an exception as the result; one that a worker raised is in the text of Beam's."""
    sys.__excepthook__(kind, error, trace)
    if not isinstance(error, EmchError):
        told = RAISED.findall(str(error))
        if told:
            name, message = told[-1]
            error = as_raised({"kind": name, "error": message})
        else:
            error = ChildFailed(
                f"the pipeline failed ({in_words(error)}): 'emch --debug' shows its traceback"
            )
    write_error(result, error)


if __name__ == "__main__":
    main(*sys.argv[1:])
