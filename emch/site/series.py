"""Series of figures over commits, from the graphs that asv has read already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from operator import itemgetter
from typing import Any

from emch.metrics import metric_of
from emch.tracking.stacks import LABEL

DIGITS = 8
"""Significant digits of a value: enough for a cosine that is nearly 1."""

Point = list[Any]


@dataclass
class Series:
    """One benchmark in one cell.

    Attributes
    ----------
    machine, stack, benchmark, metric : str
        Where it was measured, asv's name of it, and ours.
    params : dict of str to str
        The parameters by name, as Python writes them.
    points : list of [int, float, float or None]
        Position of the commit, value, half of the interval; in the order of commits.
    graph : int
        Position, in `graphs`, of what asv calls the newest points' graph; a link to it needs this.
    change : dict or None
        The verdict on the newest commit against the one before; see `judge_changes`.
    """

    machine: str
    stack: str
    benchmark: str
    metric: str
    params: dict[str, str]
    graph: int
    points: list[Point]
    change: dict[str, Any] | None = None


def read_series(
    graphs: Iterable[Any],
    benchmarks: Mapping[str, Any],
    places: Mapping[int, int],
    kinds: list[dict[str, Any]],
) -> list[Series]:
    """Return the series of all branches; graphs of one stack's older pins are joined too."""
    found: dict[tuple[Any, ...], Series] = {}
    for graph in graphs:
        name, params = graph.benchmark_name, graph.params
        benchmark = benchmarks[name]
        stack = str(params.get(f"env-{LABEL}") or params.get("python") or "")
        data = list(_rows(graph))
        for position, cell in enumerate(product(*benchmark["params"])):
            points = list(_points(data, position, places))
            if not points:
                continue
            key = (params["machine"], stack, name, cell)
            if key not in found:
                texts = dict(zip(benchmark["param_names"], cell, strict=True))
                metric = metric_of(name)
                found[key] = Series(params["machine"], stack, name, metric, texts, 0, [])
            series = found[key]
            if not series.points or points[-1][0] > series.points[-1][0]:
                series.graph = kinds.index(params)
            joined = {point[0]: point for point in [*series.points, *points]}
            series.points = sorted(joined.values(), key=itemgetter(0))
    return list(found.values())


def _rows(graph: Any) -> Iterable[tuple[int, Any, Any]]:
    """Yield revision, values and weights of each commit; it has one result as a rule.

    Graph.get_data does as much and averages what it finds, which takes asv longer than the rest of
    what is done here.
    """
    if any(len(found) > 1 for found in graph.data_points.values()):
        for revision, values, weights in graph.get_data():
            yield revision, *(([values], [weights]) if graph.scalar_series else (values, weights))
        return
    for revision, found in sorted(graph.data_points.items()):
        if found:
            yield revision, found[0], graph.data_weights[revision][0]


def _points(data: Iterable[Any], position: int, places: Mapping[int, int]) -> Iterable[Point]:
    for revision, values, weights in data:
        value, weight = values[position], weights[position]
        if value is not None and value == value:  # noqa: PLR0124 - NaN is not itself
            half = 1 / weight if weight else None  # asv's weight is 2 / (high - low)
            yield [places[revision], _short(value), None if half is None else _short(half)]


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
