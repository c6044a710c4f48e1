"""The newest whole-process figures of each stack, read from asv's results."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from emch.metrics import METRICS
from emch.report.baseline import Ratios, show_hits, show_ratio
from emch.tracking.counted_results import CountedResults
from emch.tracking.results import BASELINE, SEARCH, Figure

SUITES = (SEARCH, "text_encoding.WholeProcess")
"""The classes of benchmarks that have whole processes; the second one encodes texts alone."""

VITAL = ("wall_s", "peak_rss_bytes")
FIGURES = (*VITAL, "hit_rate")
CELL = {"dataset", "backend", "batch_size"}
WALL, MEMORY, HITS = (METRICS[name].heading for name in FIGURES)
HEADINGS = ("backend", "batch", WALL, f"of {BASELINE}", MEMORY, HITS)


@dataclass(frozen=True)
class Row:
    """The figures of one cell in one stack.

    Attributes
    ----------
    machine, stack, commit : str
        Where, with which versions, and of which commit it was measured.
    dataset, backend : str
        The first two parameters of the cell.
    batch_size : int
        The third parameter of the cell.
    wall_s, peak_rss_bytes : float
        The figures of the whole process.
    hit_rate : float or None
        The queries whose top document is right; None where texts are encoded alone.
    ratio : float or None
        Wall time over that of `BASELINE` in the same run, dataset and batch size.
    base_hit_rate : float or None
        The hit rate of `BASELINE` there.
    """

    machine: str
    stack: str
    commit: str
    dataset: str
    backend: str
    batch_size: int
    wall_s: float
    peak_rss_bytes: float
    hit_rate: float | None = None
    ratio: float | None = None
    base_hit_rate: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return all fields by name."""
        return asdict(self)

    def texts(self) -> tuple[str, ...]:
        """Return the texts under `HEADINGS`."""
        return (
            self.backend,
            str(self.batch_size),
            METRICS["wall_s"].show(self.wall_s),
            show_ratio(self.ratio),
            METRICS["peak_rss_bytes"].show(self.peak_rss_bytes),
            "" if self.hit_rate is None else self._hits(self.hit_rate),
        )

    def _hits(self, rate: float) -> str:
        return show_hits(rate, self.base_hit_rate, self.dataset)


def summarize(counted: CountedResults) -> list[Row]:
    """Return the rows of the newest commit of each machine, stack and dataset, fastest first.

    Stacks that have the baseline come before those that do not.

    There are none where the suite has no such benchmarks.

    Raises
    ------
    InvalidInput
        A file of results is broken.
    """
    rows = [row for suite in SUITES for row in _newest(_rows(list(counted.figures(suite))))]
    with_baseline = {(row.machine, row.stack) for row in rows if row.ratio is not None}

    def place(row: Row) -> tuple[str | bool | float, ...]:
        lacks_baseline = (row.machine, row.stack) not in with_baseline
        cell = (row.dataset, row.batch_size, row.wall_s)
        return (row.machine, lacks_baseline, row.stack, *cell)

    return sorted(rows, key=place)


def sections(rows: Iterable[Row]) -> list[list[Row]]:
    """Split rows, sorted as `summarize` does, into one list for each machine, stack and dataset."""
    places = groupby(rows, key=lambda row: (row.machine, row.stack, row.dataset))
    return [list(group) for _, group in places]


def _newest(rows: Iterable[Row]) -> list[Row]:
    """Keep those of the newest commit of each machine, stack and dataset that has any."""
    newest: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:  # the oldest commit first
        place = (row.machine, row.stack, row.dataset)
        others = newest.get(place, [])
        same_commit = others and others[0].commit == row.commit
        newest[place] = [*others, row] if same_commit else [row]
    return [row for found in newest.values() for row in found]


def _rows(figures: Sequence[Figure]) -> Iterator[Row]:
    """Yield a row for each cell that has what is vital; where one of that failed, there is none."""
    ratios = Ratios(figures)
    runs: dict[tuple[Any, ...], dict[str, Figure]] = defaultdict(dict)
    for figure in figures:
        if figure.metric in FIGURES and figure.params.keys() == CELL:
            place = (figure.machine, figure.stack, figure.commit, *figure.params.values())
            runs[place][figure.metric] = figure
    for found in runs.values():
        if found.keys() >= {*VITAL}:
            wall = found["wall_s"]
            yield Row(
                machine=wall.machine,
                stack=wall.stack,
                commit=wall.commit,
                dataset=wall.params["dataset"],
                backend=wall.params["backend"],
                batch_size=int(wall.params["batch_size"]),
                **{metric: figure.value for metric, figure in found.items()},
                ratio=ratios.ratio(wall),
                base_hit_rate=ratios.base(found["hit_rate"]) if "hit_rate" in found else None,
            )
