"""The newest whole-process figures of each stack, read from asv's results."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from asv.results import Results

from emch.errors import Unavailable
from emch.metrics import METRICS
from emch.tracking.counted_results import CountedResults
from emch.tracking.files import reading
from emch.tracking.results import BASELINE, BROKEN, SEARCH, measured_cells
from emch.tracking.stacks import LABEL

FIGURES = {
    "wall_s": f"{SEARCH}.track_wall",
    "peak_rss_bytes": f"{SEARCH}.track_peak_memory",
    "hit_rate": f"{SEARCH}.track_hitrate",
}
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
        The cell.
    batch_size : int
        The cell.
    wall_s, peak_rss_bytes, hit_rate : float
        The figures of the whole process.
    ratio : float or None
        Wall time over that of `BASELINE` in the same run, dataset and batch size.
    """

    machine: str
    stack: str
    commit: str
    dataset: str
    backend: str
    batch_size: int
    wall_s: float
    peak_rss_bytes: float
    hit_rate: float
    ratio: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return all fields by name."""
        return asdict(self)

    def cells(self) -> tuple[str, ...]:
        """Return the texts under `HEADINGS`."""
        return (
            self.backend,
            str(self.batch_size),
            METRICS["wall_s"].show(self.wall_s),
            "" if self.ratio is None else f"{self.ratio:.2f}",
            METRICS["peak_rss_bytes"].show(self.peak_rss_bytes),
            METRICS["hit_rate"].show(self.hit_rate),
        )


def summarize(counted: CountedResults) -> list[Row]:
    """Return the rows of the newest commit of each machine, stack and dataset, fastest first.

    Stacks that have the baseline come before those that do not.

    Raises
    ------
    Unavailable
        There are no results of the whole-process benchmarks.
    InvalidInput
        A file of results is broken.
    """
    rows = [row for newest in _newest(counted) for row in _with_ratios(newest)]
    if not rows:
        raise Unavailable("no whole-process results of the commits that count: run 'make bench'")
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


def _newest(counted: CountedResults) -> list[list[Row]]:
    """Return the rows of each machine, stack and dataset at the newest commit that has any."""
    newest: dict[tuple[str, ...], list[Row]] = {}
    for path, results in counted.results:  # the oldest commit first
        with reading(path, BROKEN):
            if not set(FIGURES.values()) <= results.get_result_keys(counted.benchmarks):
                continue
            found = sorted(_rows(results, counted.benchmarks), key=lambda row: row.dataset)
            for dataset, rows in groupby(found, key=lambda row: row.dataset):
                newest[results.params["machine"], results.env_name, dataset] = list(rows)
    return list(newest.values())


def _rows(results: Results, benchmarks: Mapping[str, Any]) -> Iterator[Row]:
    params = benchmarks[FIGURES["wall_s"]]["params"]
    columns = {
        figure: {cell: value for _, cell, value in measured_cells(results, benchmark, params)}
        for figure, benchmark in FIGURES.items()
    }
    for cell in columns["wall_s"]:
        if not all(cell in column for column in columns.values()):
            continue  # one of them failed: there is no whole row to show
        values = {figure: column[cell] for figure, column in columns.items()}
        dataset, backend, batch_size = cell
        yield Row(
            machine=results.params["machine"],
            stack=results.env_vars.get(LABEL, results.env_name),
            commit=results.commit_hash,
            dataset=dataset.strip("'"),
            backend=backend.strip("'"),
            batch_size=int(batch_size),
            **values,
        )


def _with_ratios(rows: list[Row]) -> list[Row]:
    baseline = {
        (row.dataset, row.batch_size): row.wall_s for row in rows if row.backend == BASELINE
    }
    return [
        replace(row, ratio=row.wall_s / baseline[row.dataset, row.batch_size])
        if (row.dataset, row.batch_size) in baseline
        else row
        for row in rows
    ]
