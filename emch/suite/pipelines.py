"""Figures that asv reads off a pipeline of Apache Beam, one run for each cell."""

import tempfile
from abc import abstractmethod
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from emch.beam.asked import BATCH_SIZES, Asked, threads_for
from emch.errors import Unavailable
from emch.models.source import DEFAULT_MODEL
from emch.records import Record
from emch.suite.cells import kept_record
from emch.suite.recorded import HasRecord
from emch.suite.skips import skipped_if_unavailable


class Pipelined(HasRecord):
    """A class whose trackers share one run of a pipeline on the embedded runner."""

    timeout = 3600

    @abstractmethod
    def pipeline(self, *params: Any) -> dict[str, Any]:
        """Return the task, the backend and the count of a cell, and what else `Asked` can have."""

    def record(self, folder: str, *params: Any) -> Record:
        """Return the record of a cell, measured now or before."""
        with skipped_if_unavailable():
            if find_spec("apache_beam") is None:
                raise Unavailable("Apache Beam is not in this stack")
            asked = _asked(**self.pipeline(*params))
            name = "-".join(map(str, (type(self).__name__, *params)))
            return kept_record(Path(folder), name, lambda: _run(asked))


def _asked(*, task: str, workers: int = 1, **given: Any) -> Asked:
    least, most = BATCH_SIZES[task]
    sizes = {"min_batch_size": least, "max_batch_size": most}
    common = {"model": DEFAULT_MODEL, "threads": threads_for(workers), "out": "", **sizes}
    return Asked(task=task, workers=workers, **{**common, **given})


def _run(asked: Asked) -> Record:
    from emch.beam.run import run

    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        return run(replace(asked, out=folder)).record
