"""The raw samples behind the newest points, thinned to quantiles that a chart can be drawn from."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from asv.config import Config

from emch.site.series import Series
from emch.tracking.carried import needed_calls
from emch.tracking.files import reading
from emch.tracking.reader import load_results, results_path
from emch.tracking.results import BROKEN, figures_of, plain

QUANTILES = 201
"""From the least to the greatest sample in steps of half a percent."""


def distributions(
    config: Config, benchmarks: Mapping[str, Any], hashes: Sequence[str], series: Sequence[Series]
) -> list[dict[str, Any]]:
    """Return the samples of each series' newest point, where a launch has more than one.

    Each has the position of the `series`, the number of samples `n`, and the `quantiles`: all
    samples in order if they are fewer than `QUANTILES`, else as many quantiles.
    """
    files: dict[Path, list[int]] = defaultdict(list)
    for place, each in enumerate(series):
        commit, _, half = each.points[-1]
        if half is not None:
            environment = f"emch-{each.stack}"
            files[results_path(config, each.machine, hashes[commit], environment)].append(place)
    return [
        found
        for path, places in files.items()
        if path.is_file()
        for found in _read(path, benchmarks, places, series)
    ]


def _read(
    path: Path, benchmarks: Mapping[str, Any], places: Sequence[int], series: Sequence[Series]
) -> Iterator[dict[str, Any]]:
    results = load_results(path, path.parent.name)
    with reading(path, BROKEN):
        found = {
            (figure.benchmark, *figure.params.values()): figure.samples
            for figure in figures_of(results, benchmarks)
        }
    for place in places:
        each = series[place]
        samples = found.get((each.benchmark, *map(plain, each.params.values())))
        if samples:
            yield {"series": place, "n": len(samples), "quantiles": _thin(samples)}


def without_uncarried(
    series: Sequence[Series], found: Sequence[Mapping[str, Any]]
) -> tuple[list[Series], list[dict[str, Any]], dict[str, dict[str, int]]]:
    """Leave out the percentiles whose newest point has too few calls behind it.

    Returns
    -------
    list of Series
        The others.
    list of dict
        The distributions, with the positions that their series have now.
    dict of str to dict
        By the metric that was left out, how many calls it `needs`, and of how many `cells`.
    """
    calls = {_cell(series[each["series"]]): each["n"] for each in found}
    left_out: dict[str, dict[str, int]] = {}
    kept: list[int] = []
    for place, each in enumerate(series):
        needed = needed_calls(each.metric)
        # Where no calls are kept, the figure was not there if they were too few.
        if needed is None or calls.get(_cell(each), needed) >= needed:
            kept.append(place)
        else:
            said = left_out.setdefault(each.metric, {"needs": needed, "cells": 0})
            said["cells"] += 1
    now = {before: place for place, before in enumerate(kept)}
    moved = [{**each, "series": now[each["series"]]} for each in found if each["series"] in now]
    return [series[place] for place in kept], moved, left_out


def _cell(series: Series) -> tuple[Any, ...]:
    owner = series.benchmark.rpartition(".")[0]
    return (series.machine, series.stack, owner, *series.params.items())


def _thin(samples: Sequence[float]) -> list[float]:
    if len(samples) > QUANTILES:
        import numpy as np

        samples = np.quantile(samples, np.linspace(0, 1, QUANTILES)).tolist()
    return [float(f"{value:.5g}") for value in sorted(samples)]
