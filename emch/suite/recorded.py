"""Figures that asv reads off the record of a cell's one run in a fresh process."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from emch.metrics import METRICS
from emch.models.source import DEFAULT_MODEL
from emch.records import Record
from emch.suite.cells import Subject, cell_record
from emch.suite.skips import skipped_if_unavailable
from emch.tasks.base import Task

MOST_SAMPLES = 2_000
"""The most samples of a cell in asv's results, which are committed; a fast call has 200,000."""


class HasRecord(ABC):
    """A class whose trackers share one record of each cell."""

    timeout = 1800
    version = "1"

    def setup_cache(self) -> str:
        """Return the folder that asv keeps for this run; the records go there."""
        return str(Path.cwd())

    @abstractmethod
    def record(self, folder: str, *params: Any) -> Record:
        """Return the record of a cell, measured now or before."""


class Recorded(HasRecord):
    """A class whose trackers share one run of a task in a fresh process.

    Attributes
    ----------
    model : str
        A prepared model, by name, folder, Hub id or key.
    first : Path or None
        The file of the first answers of a function of the project's, which later ones are held
        against.
    """

    model: ClassVar[str] = DEFAULT_MODEL
    first: ClassVar[Path | None] = None

    @abstractmethod
    def cell(self, *params: Any) -> tuple[Task, str, int | None]:
        """Return the task, the backend and the threads of a cell."""

    def record(self, folder: str, *params: Any) -> Record:
        """Return the record of a cell, measured now or before."""
        with skipped_if_unavailable():
            task, backend, threads = self.cell(*params)
            return cell_record(
                Path(folder), task, backend, threads, Subject(self.model, self.first)
            )


def tracked(metric: str) -> Callable[..., Any]:
    """Return a tracker of a metric's value; asv shows NaN, where there is none, as n/a."""

    def track(self: HasRecord, folder: str, *params: Any) -> float:
        return self.record(folder, *params).values().get(metric, math.nan)

    return in_unit_of(metric, track)


def sampled(metric: str, samples: str | None = None) -> Callable[..., Any]:
    """Return a tracker of raw samples: asv judges them, and shows their median.

    A single launch is one sample, so that it is never taken for a certainty. Of more samples than
    `MOST_SAMPLES` every second, third, ... is taken, over the whole time of the run.
    """

    def track(self: HasRecord, folder: str, *params: Any) -> dict[str, Any]:
        found = self.record(folder, *params).samples[samples or metric]
        return {"samples": list(found[:: math.ceil(len(found) / MOST_SAMPLES)]), "number": 1}

    return in_unit_of(metric, track)


def in_unit_of(metric: str, track: Callable[..., Any]) -> Callable[..., Any]:
    """Give a tracker the unit that the table of metrics has."""
    track.unit = METRICS[metric].unit  # type: ignore[attr-defined] # asv reads it off a function
    return track
