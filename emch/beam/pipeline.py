"""The pipeline: slices of inputs, prepared where they are read, inferred, and written as parts."""

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.ml.inference.base import KeyedModelHandler, RunInference
from apache_beam.transforms.util import SortAndBatchElements

from emch.beam.answers import Answer
from emch.beam.figures import CPU_MS, NAMESPACE, PEAK
from emch.beam.handler import EmchHandler
from emch.beam.parts import write_part
from emch.beam.work.base import Work
from emch.beam.work.inputs import Slice, Source
from emch.errors import Poisoned
from emch.measure.process import peak_bytes

DEAD = "dead letters"
STEP = "RunInference"

Keyed = tuple[tuple[int, int], Any]
"""The slice and the place of an input, with the input or its answer."""

_reported = {"cpu_s": 0.0}
"""The seconds of CPU that this process has told Beam of, whatever step told them."""


class Prepare(beam.DoFn):  # type: ignore[misc] # Beam is Any to mypy
    """Reads the inputs of a slice, and makes each ready; what cannot be is a dead letter."""

    def __init__(self, source: Source, work: Work) -> None:
        self._source = source
        self._work = work

    def process(self, part: Slice) -> Iterator[Any]:
        """Yield the keyed inputs of a slice."""
        part = Slice(*part)
        for place, raw in enumerate(self._source.read(part), part.first):
            key = (part.number, place)
            try:
                yield key, self._work.prepare(raw)
            except Poisoned as poisoned:
                yield beam.pvalue.TaggedOutput(DEAD, (key, Answer(None, str(poisoned), None)))


class Account(beam.DoFn):  # type: ignore[misc] # as above
    """Tells Beam what its process has used of CPU and of memory; the answers pass through."""

    def process(self, answer: Keyed) -> Iterator[Keyed]:
        """Yield what came."""
        yield answer

    def finish_bundle(self) -> None:
        """Count the CPU since the last bundle, so that the sum over all workers is all of it."""
        used = time.process_time()
        Metrics.counter(NAMESPACE, CPU_MS).inc(round(1000 * (used - _reported["cpu_s"])))
        _reported["cpu_s"] = used
        Metrics.distribution(NAMESPACE, PEAK).update(peak_bytes())


class Write(beam.DoFn):  # type: ignore[misc] # as above
    """Writes the answers of a slice as one file, whose name is that of the slice."""

    def __init__(self, folder: str, *, keep_answers: bool) -> None:
        self._folder = folder
        self._keep = keep_answers

    def process(self, grouped: tuple[int, Any]) -> None:
        """Write a part; a slice that comes again after a failure takes the place of the first."""
        number, answers = grouped
        write_part(self._folder, number, answers, keep_answers=self._keep)


def _by_slice(answer: Keyed) -> tuple[int, tuple[int, Answer]]:
    (number, place), found = answer
    return number, (place, found)


def build(
    pipeline: beam.Pipeline,
    slices: list[Slice],
    source: Source,
    work: Work,
    variables: Mapping[str, str],
) -> None:
    """Add all steps to a pipeline.

    Parameters
    ----------
    pipeline : Pipeline
        An empty one.
    slices : list of Slice
        All inputs.
    source : Source
        Where they come from.
    work : Work
        What is done with them.
    variables : mapping of str to str
        The environment of the workers, set before the engine is loaded.
    """
    asked = work.asked
    handler = KeyedModelHandler(EmchHandler(work, variables))
    prepared = (
        pipeline
        | "Slices" >> beam.Create(slices)
        | "Spread" >> beam.Reshuffle()
        | "Prepare" >> beam.ParDo(Prepare(source, work)).with_outputs(DEAD, main="ready")
    )
    ready = prepared.ready
    if asked.by_length:
        ready |= "Sort" >> SortAndBatchElements(
            asked.min_batch_size,
            asked.max_batch_size,
            sys.maxsize,
            lambda keyed: work.length(keyed[1]),
        )
        handler = handler.with_no_batching()
    inferred = ready | STEP >> RunInference(handler) | "Account" >> beam.ParDo(Account())
    _ = (
        (inferred, prepared[DEAD])
        | "All" >> beam.Flatten()
        | "By slice" >> beam.Map(_by_slice)
        | "Group" >> beam.GroupByKey()
        | "Write" >> beam.ParDo(Write(asked.out, keep_answers=asked.keep_answers))
    )
