"""Rows: every figure of asv's results and of records, flat, in one schema that stays.

CSV, Parquet, InfluxDB and BigQuery all take what is made here.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

from emch.errors import InvalidInput
from emch.metrics import METRICS
from emch.records import Record
from emch.records.row import unit_of
from emch.tracking.results import Figure

DIGITS = 32
"""Of a key, in base 16: 128 bits, so that no two rows ever share one by chance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportRow:
    """One figure. Who has not some of these columns has None there.

    Attributes
    ----------
    key : str
        The same for the same figure, however often it is exported: it makes a second delivery
        change nothing.
    run : str
        The same for all figures of one record, or of one commit, stack and machine.
    time : datetime
        When the record was made; of asv's results the date of the commit, as on asv's pages. UTC.
    source : {"asv", "record"}
        Where it is from.
    machine : str or None
        asv's name of the machine; of a record the name of the CPU.
    stack, commit : str or None
        asv's environment by its label, and the whole hash.
    benchmark : str
        asv's full name of it; of a record the task.
    backend, model, dataset : str or None
        What was measured, and on what.
    batch_size, threads : int or None
        The two parameters that most figures have.
    parameters : str
        All other parameters, and the tags of a row of a record, as JSON with its keys in order.
    metric, unit : str
        The name in the table of metrics, or that of what metrics are derived from.
    value : float
        The figure.
    sample : int or None
        The place of a raw sample among those of its row, from 0; None of what is derived from them.
    """

    key: str
    run: str
    time: datetime
    source: Literal["asv", "record"]
    machine: str | None
    stack: str | None
    commit: str | None
    benchmark: str
    backend: str | None
    model: str | None
    dataset: str | None
    batch_size: int | None
    threads: int | None
    parameters: str
    metric: str
    unit: str
    value: float
    sample: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it, the time in ISO 8601."""
        found = {name: getattr(self, name) for name in COLUMNS}
        return {**found, "time": self.time.isoformat()}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "ExportRow":
        """Read what `to_dict` returned."""
        return cls(**{**found, "time": datetime.fromisoformat(found["time"])})


COLUMNS = tuple(field.name for field in fields(ExportRow))
"""In the order in which files have them."""

OWN_COLUMNS = ("backend", "model", "dataset", "batch_size", "threads")
"""The parameters that have a column of their own."""


def from_figures(
    figures: Iterable[Figure], units: Mapping[str, str], *, samples: bool
) -> Iterator[ExportRow]:
    """Yield the rows of asv's figures.

    Parameters
    ----------
    figures : iterable of Figure
        As `CountedResults.figures` has them.
    units : mapping of str to str
        The units of benchmarks whose metric is none of emch's, by asv's full name.
    samples : bool
        Whether the raw samples have rows too.
    """
    for figure in figures:
        metric = figure.metric
        unit = METRICS[metric].unit if metric in METRICS else units[figure.benchmark]
        place = (figure.machine, figure.stack, figure.commit)
        common = {
            "run": _hash("asv", *place),
            "time": datetime.fromtimestamp(figure.date / 1000, UTC),
            "source": "asv",
            "machine": figure.machine,
            "stack": figure.stack,
            "commit": figure.commit,
            "benchmark": figure.benchmark,
            "metric": metric,
            "unit": unit,
            **_parameters(figure.params),
        }
        identity = ("asv", *place, figure.benchmark, sorted(figure.params.items()))
        yield _row(identity, common, figure.value, None)
        if samples:
            for number, value in enumerate(figure.samples):
                yield _row(identity, common, value, number)


def from_records(records: Iterable[Record], *, samples: bool) -> Iterator[ExportRow]:
    """Yield the rows of records: the value of each metric, and on demand what they are made of."""
    for record in records:
        run = _hash("record", record.to_json())
        common = {
            "run": run,
            "time": _created(record),
            "source": "record",
            "machine": record.machine.get("cpu"),
            "stack": None,
            "commit": None,
            "benchmark": record.task,
        }
        asked = {"backend": record.backend, "model": record.model, **record.parameters}
        asked["threads"] = record.session.get("threads")
        for metric, value in record.values().items():
            own = {**common, **_parameters(asked), "metric": metric, "unit": unit_of(metric)}
            yield _row((run, metric), own, value, None)
        if not samples:
            continue
        for row in record.rows:
            own = {**common, **_parameters({**asked, **row.tags})}
            own |= {"metric": row.metric, "unit": row.unit}
            identity = (run, row.metric, sorted(row.tags.items()))
            for number, value in enumerate(row.numbers):
                yield _row(identity, own, value, number)


def _row(
    identity: tuple[Any, ...], common: Mapping[str, Any], value: float, sample: int | None
) -> ExportRow:
    return ExportRow(key=_hash(*identity, sample), value=float(value), sample=sample, **common)


def _hash(*parts: Any) -> str:
    text = json.dumps(parts, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def _created(record: Record) -> datetime:
    try:
        return datetime.fromisoformat(record.created).astimezone(UTC)
    except ValueError as error:
        raise InvalidInput(f"a record was made at {record.created!r}, which is no time") from error


def _parameters(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of parameters; what has none of its own, and is set, is in one as JSON."""
    others = {name: value for name, value in found.items() if name not in OWN_COLUMNS}
    return {
        **{name: _text(found.get(name)) for name in ("backend", "model", "dataset")},
        **{name: _integer(found.get(name)) for name in ("batch_size", "threads")},
        "parameters": json.dumps(
            {name: value for name, value in others.items() if value is not None},
            ensure_ascii=False,
            sort_keys=True,
        ),
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _integer(value: Any) -> int | None:
    try:
        return None if value is None else int(value)
    except ValueError:  # another project's benchmarks may have words for it
        return None
