"""The record: raw samples of one measurement with everything needed to repeat it."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from emch.errors import InvalidInput

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Record:
    """One measurement of a task by a backend.

    Attributes
    ----------
    task, model, backend, dataset : str
        What was run.
    batch_size, threads, queries, documents : int
        At which size.
    limit : int or None
        The limit on queries that was asked for.
    hits : int
        Queries whose top document is relevant.
    cosine_to_reference : float
        The least cosine between the session's and the reference embeddings of the probes.
    samples : mapping of str to sequence of float
        Raw values by the name of the metric, in seconds, bytes or percent as the name says;
        `batch_s` has one for each call of the engine.
    session : mapping
        What the session really used: threads, precision, provider, library.
    artifact : mapping
        The kind and the sha256 of what was loaded.
    versions : mapping of str to str
        Every installed distribution.
    machine : mapping
        The machine's facts.
    created : str
        When, in ISO 8601 and UTC.
    schema_version : int
        The version of this layout.
    """

    task: str
    model: str
    backend: str
    dataset: str
    batch_size: int
    threads: int
    limit: int | None
    queries: int
    documents: int
    hits: int
    cosine_to_reference: float
    samples: Mapping[str, Sequence[float]]
    session: Mapping[str, Any]
    artifact: Mapping[str, str]
    versions: Mapping[str, str]
    machine: Mapping[str, Any]
    created: str
    schema_version: int = SCHEMA_VERSION

    def value(self, metric: str) -> float:
        """Return a metric's value: counted, or the median of its samples.

        Raises
        ------
        KeyError
            The record has no such metric.
        """
        if metric == "hit_rate":
            return self.hits / self.queries
        if metric == "miss_rate":
            return 1 - self.hits / self.queries
        if metric == "cosine_to_reference":
            return self.cosine_to_reference
        return statistics.median(self.samples[metric])

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, and beside the samples the value derived from each."""
        derived = {name: self.value(name) for name in self.samples if name != "batch_s"}
        return {**asdict(self), **derived, "hit_rate": self.value("hit_rate")}

    def to_json(self) -> str:
        """Return the record as one line of JSON."""
        return json.dumps(self.to_dict(), allow_nan=False, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> "Record":
        """Read what `to_json` wrote.

        Raises
        ------
        InvalidInput
            It is no record, or one of another schema version.
        """
        try:
            found = json.loads(line)
            version = found["schema_version"]
            if version != SCHEMA_VERSION:
                raise InvalidInput(
                    f"a record of schema version {version}; this emch reads {SCHEMA_VERSION}"
                )
            return cls(**{field.name: found[field.name] for field in fields(cls)})
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(f"not a record ({type(error).__name__}: {error})") from error
