"""What differs between two commits of one stack, beside their code: packages, and the machine."""

from collections.abc import Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from asv.config import Config

from emch.compare.differences import differences, the_first
from emch.site.series import Series
from emch.tracking.stacks import LABEL

MACHINE = ("arch", "cpu", "num_cpu", "os", "ram")
"""What asv knows of a machine."""

ARROW = "→"
MOST = 4
"""Differences that are named; the others are counted."""


def explain_changes(
    config: Config,
    series: Iterable[Series],
    graphs: Iterable[Any],
    places: Mapping[int, int],
    hashes: list[str],
) -> None:
    """Set `why` of every change that is worse or better.

    Parameters
    ----------
    config : Config
        asv's configuration.
    series : iterable of Series
        Judged ones.
    graphs : iterable of Graph
        asv's, of which the series are.
    places : mapping of int to int
        The position of each revision in `hashes`.
    hashes : list of str
        The commits, the oldest first.
    """
    facts = {
        (graph.params["machine"], graph.params.get(f"env-{LABEL}"), places[revision]): graph.params
        for graph in graphs
        for revision in graph.data_points
        if revision in places
    }
    installed = cache(partial(read_installed, config))
    for each in series:
        if each.change is None or each.change["verdict"] not in ("worse", "better"):
            continue
        pair = each.change["from"], each.points[-1][0]
        known = [facts.get((each.machine, each.stack, place), {}) for place in pair]
        before, now = ({key: one[key] for key in MACHINE if key in one} for one in known)
        old, new = (installed(hashes[place], each.stack) for place in pair)
        found = differences(before, now, ARROW)
        found += differences(old, new, ARROW) if old and new else []
        nothing = "the code alone" if old and new else "packages were not recorded"
        each.change["why"] = the_first(found, MOST) or nothing


def read_installed(config: Config, commit: str, stack: str) -> dict[str, str]:
    """Return the packages that were installed for a commit of a stack; none where it is unknown."""
    path = Path(config.results_dir) / "installed" / f"{commit[:8]}-emch-{stack}.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return dict(line.split("==", 1) for line in lines if "==" in line)
