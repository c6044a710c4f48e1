"""Latencies as CSV, in the columns of the benchmark scripts of ONNX Runtime's transformers tools.

The figures are computed as `get_latency_result` in onnxruntime/transformers/benchmark_helper.py
(1.31) does it: milliseconds; the variance is that of the seconds, times 1000; QPS is the batch size
over the mean latency.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

import numpy as np

from emch.backends.registry import get_backend, is_known
from emch.metrics import PERCENTS
from emch.percentiles import percentile
from emch.records import Record
from emch.tracking.results import Figure

COLUMNS = (
    "engine",
    "version",
    "device",
    "precision",
    "threads",
    "batch_size",
    "sequence_length",
    "test_times",
    "latency_variance",
    "latency_90_percentile",
    "latency_95_percentile",
    "latency_99_percentile",
    "average_latency_ms",
    "QPS",
    "datetime",
)
SHAPES = "sentence_latency.Tokens"
"""How the classes of the suite whose calls are of one shape begin; the rest is that shape."""


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Calls of one shape.

    Attributes
    ----------
    engine, version, device, precision : str
        The backend, its library's version, and what it used.
    threads, batch_size, sequence_length : int
        The shape.
    call_s : sequence of float
        Seconds of each call.
    created : str
        The time of the measurement, in ISO 8601.
    """

    engine: str
    version: str
    device: str
    precision: str
    threads: int
    batch_size: int
    sequence_length: int
    call_s: tuple[float, ...]
    created: str

    def row(self) -> tuple[str | int, ...]:
        """Return the values under `COLUMNS`."""
        calls = np.array(self.call_s)
        found = (percentile(calls, percent) for percent in PERCENTS.values())
        # Empty where the calls are too few to bound it.
        percentiles = ("" if each.bound is None else f"{1000 * each.value:.3f}" for each in found)
        return (
            self.engine,
            self.version,
            self.device,
            self.precision,
            self.threads,
            self.batch_size,
            self.sequence_length,
            len(calls),
            f"{1000 * calls.var():.6f}",
            *percentiles,
            f"{1000 * calls.mean():.3f}",
            f"{self.batch_size / calls.mean():.2f}",
            self.created,
        )


def from_records(records: Iterable[Record]) -> list[Latency]:
    """Take the records of sentences of a fixed length."""
    return [
        Latency(
            engine=record.backend,
            version=record.session["library"].split()[-1],
            device=record.session["device"],
            precision=record.session["precision"],
            threads=record.session["threads"],
            batch_size=record.parameters["batch_size"],
            sequence_length=_length(record.parameters["dataset"]),
            call_s=tuple(record.samples["call_s"]),
            created=record.created,
        )
        for record in records
        if record.task == "sentence-encoding" and "-" in record.parameters["dataset"]
    ]


def from_figures(figures: Iterable[Figure]) -> list[Latency]:
    """Take the raw samples of the suite `sentence_latency`, which runs on all CPUs.

    asv keeps samples only where it is told to (`--record-samples`); without them there is no row.
    """
    return [
        Latency(
            engine=figure.params["backend"],
            version=_version(figure),
            device="cpu",
            precision=get_backend(figure.params["backend"]).precision,
            threads=figure.cpus,
            batch_size=int(figure.params["batch_size"]),
            sequence_length=int(figure.suite.removeprefix(SHAPES)),
            call_s=figure.samples,
            created=datetime.fromtimestamp(figure.date / 1000, UTC).isoformat(),
        )
        for figure in figures
        if figure.suite.startswith(SHAPES)
        and figure.metric == "median_s"
        and is_known(figure.params["backend"])
        and figure.samples
    ]


def write_csv(latencies: Iterable[Latency], stream: TextIO) -> None:
    """Write the header and a line for each."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(latency.row() for latency in latencies)


def _length(dataset: str) -> int:
    return int(dataset.rpartition("-")[2])


def _version(figure: Figure) -> str:
    """Return the stack's version of the first distribution that the backend's engine is."""
    for module in get_backend(figure.params["backend"]).modules:
        name = module.split(".")[0].replace("_", "-")
        if name in figure.requirements:
            return figure.requirements[name]
    return ""
