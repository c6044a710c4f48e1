"""The one file that feeds every page: data.json, made of what asv has read already.

A series is one benchmark in one cell, over commits. A point is [commit, value, half], where
`commit` is a position in `commits` and `half` is half of asv's 99 % confidence interval, or None.
"""

from collections.abc import Iterable, Mapping, Set
from operator import itemgetter
from typing import Any

from asv.config import Config
from packaging.version import Version

from emch.compare.accuracy import FEWEST
from emch.metrics import METRICS
from emch.site.causes import explain_changes, read_installed
from emch.site.changes import HIT_RATES, judge_changes, noise_of, queries_of
from emch.site.distributions import distributions, without_uncarried
from emch.site.openings import openings
from emch.site.series import Series, read_series
from emch.tracking.reader import load_machines
from emch.tracking.results import BASELINE, plain
from emch.tracking.stacks import Stack, read_stacks

SCHEMA = 1

ARITHMETIC = ("flop_per_second", "gemm_flop_per_second")
CALL = "median_s"
"""The metrics that say something only together with what a backend declares of itself."""


def build(
    config: Config, benchmarks: Mapping[str, Any], graphs: Iterable[Any], revisions: dict[str, int]
) -> dict[str, Any]:
    """Return the content of data.json.

    Parameters
    ----------
    config : Config
        asv's configuration.
    benchmarks : mapping
        What asv knows of the benchmarks, by name.
    graphs : iterable of (path, Graph)
        The data that asv has read.
    revisions : dict of str to int
        The revision of each commit.
    """
    # By their paths: asv reads them in an order that differs from process to process.
    ordered = sorted(graphs, key=itemgetter(0))
    every = [graph for _, graph in ordered if "summary" not in graph.params]
    hashes = _measured(every, revisions)
    places = {revisions[commit]: place for place, commit in enumerate(hashes)}
    kinds = [dict(kind) for kind in dict.fromkeys(tuple(each.params.items()) for each in every)]
    series = read_series(every, benchmarks, places, kinds)
    found = distributions(config, benchmarks, hashes, series)
    series, found, left_out = without_uncarried(series, found)
    noise = noise_of(series)
    judge_changes(series, noise)
    explain_changes(config, series, every, places, hashes)
    stacks = read_stacks(config)
    return {
        "schema": SCHEMA,
        "project": config.project,
        "baseline": BASELINE,
        "metrics": {name: metric.to_dict() for name, metric in METRICS.items()},
        "precisions": _declared(
            [each for each in series if each.metric in ARITHMETIC], "precision"
        ),
        "covers": _declared([each for each in series if each.metric == CALL], "covers"),
        "another": _another(series),
        "machines": _machines(config, {each.machine for each in series}),
        "commits": hashes,
        "stacks": [_describe(config, stack, hashes) for stack in stacks],
        "releases": _releases(stacks),
        "ties": _ties(series),
        "openings": openings(series),
        "noise": {f"{machine} {metric}": sd for (machine, metric), sd in noise.items()},
        "graphs": kinds,
        "series": [vars(each) for each in series],
        "distributions": found,
        "left_out": left_out,
    }


def _declared(series: Iterable[Series], what: str) -> dict[str, str]:
    """Return what each backend of some series declares of itself, by its name."""
    measured = {plain(each.params.get("backend", "")) for each in series} - {""}
    if not measured:
        return {}
    from emch.backends.registry import get_backend, is_known  # it takes longer than all the rest

    # What results name is never imported.
    return {name: getattr(get_backend(name), what) for name in sorted(measured) if is_known(name)}


def _another(series: Iterable[Series]) -> list[str]:
    """Return the backends that answer as another model than the one they are made of."""
    artifacts = _declared(series, "artifact")
    if not artifacts:
        return []
    from emch.models.artifacts import KINDS  # as above

    return [name for name, kind in artifacts.items() if kind in KINDS and KINDS[kind].another]


def _ties(series: Iterable[Series]) -> dict[str, float]:
    """Return by dataset, as results name it, the difference up to which hit rates are a tie."""
    found = {}
    for each in series:
        if each.metric in HIT_RATES and (queries := queries_of(each)):
            found[each.params["dataset"]] = (FEWEST - 0.5) / queries  # rates are rounded
    return found


def _measured(graphs: Iterable[Any], revisions: Mapping[str, int]) -> list[str]:
    """Return the commits that have a figure, the oldest first; asv knows of others by their tag."""
    found = {revision for graph in graphs for revision in graph.data_points}
    known = [commit for commit, revision in revisions.items() if revision in found]
    return sorted(known, key=lambda commit: revisions[commit])


def _machines(config: Config, measured: Set[str]) -> dict[str, Any]:
    every = load_machines(config)
    return {facts["machine"]: facts for facts in every if facts["machine"] in measured}


def _describe(config: Config, stack: Stack, hashes: list[str]) -> dict[str, Any]:
    """Return a stack with its pins, and what was installed for the newest commit measured.

    `outdated` has, by commit, the pins that the stack had at another version then: its figures of
    that commit are of no release that it has now.
    """
    every = {commit: read_installed(config, commit, stack.label) for commit in hashes}
    known = {commit: versions for commit, versions in every.items() if versions}
    outdated = {commit: _moved(stack.pins, versions) for commit, versions in known.items()}
    return {
        "label": stack.label,
        "pins": stack.pins,
        "installed": next(reversed(known.values()), {}),
        "outdated": {commit: names for commit, names in outdated.items() if names},
    }


def _moved(pins: Mapping[str, str], installed: Mapping[str, str]) -> list[str]:
    return [name for name, version in pins.items() if installed.get(name, version) != version]


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
