"""The one file that feeds every page: data.json, made of what asv has read already.

A series is one benchmark in one cell, over commits. A point is [commit, value, half], where
`commit` is a position in `commits` and `half` is half of asv's 99 % confidence interval, or None.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from operator import itemgetter
from pathlib import Path
from typing import Any

from asv.config import Config
from asv.machine import iter_machine_files
from asv.util import load_json
from packaging.version import Version

from emch.asv_results import BASELINE, metric_of
from emch.metrics import METRICS
from emch.site.changes import judge_changes, noise_of
from emch.site.distributions import distributions
from emch.stacks import LABEL, Stack, read_stacks

SCHEMA = 1
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
    cell : dict of str to str
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
    cell: dict[str, str]
    graph: int
    points: list[Point]
    change: dict[str, Any] | None = None


def build(
    config: Config, benchmarks: Mapping[str, Any], graphs: Iterable[Any], revisions: dict[str, int]
) -> dict[str, Any]:
    """Return the content of data.json.

    Parameters
    ----------
    config : Config
        Of asv.
    benchmarks : mapping
        What asv knows of the benchmarks, by name.
    graphs : iterable of (path, Graph)
        The data that asv has read.
    revisions : dict of str to int
        The revision of each commit.
    """
    hashes = sorted(revisions, key=lambda commit: revisions[commit])
    places = {revisions[commit]: place for place, commit in enumerate(hashes)}
    every = [graph for _, graph in graphs if "summary" not in graph.params]
    kinds = [dict(kind) for kind in dict.fromkeys(tuple(each.params.items()) for each in every)]
    series = read_series(every, benchmarks, places, kinds)
    noise = noise_of(series)
    judge_changes(series, noise)
    return {
        "schema": SCHEMA,
        "project": config.project,
        "baseline": BASELINE,
        "metrics": {
            metric.name: {"label": metric.label, "unit": metric.unit, "better": metric.better}
            for metric in METRICS.values()
        },
        "precisions": _precisions(series),
        "machines": _machines(config),
        "commits": hashes,
        "stacks": [_describe(config, stack, hashes) for stack in read_stacks(config)],
        "releases": _releases(read_stacks(config)),
        "noise": {f"{machine} {metric}": sd for (machine, metric), sd in noise.items()},
        "graphs": kinds,
        "series": [vars(each) for each in series],
        "distributions": distributions(config, benchmarks, hashes, series),
    }


def read_series(
    graphs: Iterable[Any],
    benchmarks: Mapping[str, Any],
    places: Mapping[int, int],
    kinds: list[dict[str, Any]],
) -> list[Series]:
    """Return the series of the first branch; graphs of one stack's older pins are joined."""
    found: dict[tuple[Any, ...], Series] = {}
    branch = next((kind["branch"] for kind in kinds), None)
    for graph in graphs:
        name, params = graph.benchmark_name, graph.params
        if params["branch"] != branch:
            continue
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
            series.points = sorted(series.points + points, key=itemgetter(0))
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


def _precisions(series: Iterable[Series]) -> dict[str, str]:
    """Return the precision of each backend whose arithmetic was measured."""
    metrics = ("flop_per_second", "gemm_flop_per_second")
    measured = {each.cell.get("backend", "") for each in series if each.metric in metrics}
    if not measured:
        return {}
    from emch.backends.registry import BACKENDS, get_backend  # it takes longer than all the rest

    named = {name.strip("'") for name in measured}
    return {name: get_backend(name).precision for name in BACKENDS if name in named}


def _machines(config: Config) -> dict[str, Any]:
    every = [load_json(path) for path in iter_machine_files(config.results_dir)]
    return {facts["machine"]: facts for facts in every}


def _describe(config: Config, stack: Stack, hashes: list[str]) -> dict[str, Any]:
    """Return a stack with its pins, and what was installed for the newest commit measured."""
    installed: dict[str, str] = {}
    for commit in reversed(hashes):
        path = Path(config.results_dir) / "installed" / f"{commit[:8]}-emch-{stack.label}.txt"
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            installed = dict(line.split("==", 1) for line in lines if "==" in line)
            break
    return {"label": stack.label, "pins": stack.pins, "installed": installed}


def _releases(stacks: list[Stack]) -> dict[str, list[str]]:
    """Return, by dependency, the labels of stacks in the order of its versions.

    Stacks that are named after the dependency differ in little else, so where there are two or
    more of them the others are left out.
    """
    found = {}
    for name in sorted({name for stack in stacks for name in stack.pins} - {"asv_runner"}):
        having = [stack for stack in stacks if stack.pins.get(name)]
        family = [stack for stack in having if stack.label.startswith(f"{name}-")]
        chosen = family if len(family) > 1 else having
        if len({stack.pins[name] for stack in chosen}) > 1:
            ordered = sorted(chosen, key=lambda stack: Version(stack.pins[name]))
            found[name] = [stack.label for stack in ordered]
    return found
