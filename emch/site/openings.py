"""What the pages open with: emch's own measurements if they are there, else what most have.

The pages know no benchmark by its name. Each opens with the cells that are described here, as far
as the chosen machine and stack have them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from emch.site.series import Series


@dataclass(frozen=True)
class Cells:
    """Cells of all backends.

    Attributes
    ----------
    owner : str
        The class of benchmarks, as asv names it; an empty one is any.
    cell : mapping of str to str
        Parameters by name, as Python writes them; others may be any.
    """

    owner: str
    cell: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return it in the words of the pages."""
        return {"class": self.owner, "cell": dict(self.cell)}

    def has(self, series: Series) -> bool:
        """Say whether a series is one of them."""
        owner = series.benchmark.rpartition(".")[0]
        return self.owner in ("", owner) and self.cell.items() <= series.cell.items()


@dataclass(frozen=True)
class Opening:
    """Something to open with.

    Attributes
    ----------
    metrics : tuple of str
        What it may show; any, if there are none.
    wanted : Cells
        What it is of emch's own benchmarks.
    apart : tuple of str
        The parameters that are shown side by side.
    """

    metrics: tuple[str, ...]
    wanted: Cells
    apart: tuple[str, ...] = ("backend",)


SCIFACT = {"dataset": "'scifact'"}
SENTENCES = "sentence_latency.Tokens128"
ONE_SENTENCE = Cells(SENTENCES, {"batch_size": "1"})
SEARCH = Cells("", {**SCIFACT, "batch_size": "16"})

OPENINGS = {
    "latency": Opening(("median_s", "elapsed_s", "wall_s"), ONE_SENTENCE),
    "throughput": Opening(("tokens_per_second", "sentences_per_second", "encode_s"), SEARCH),
    "memory": Opening(("peak_rss_bytes", "rss_after_load_bytes"), SEARCH),
    "accuracy": Opening(("miss_rate",), SEARCH),
    "releases": Opening((), Cells(SENTENCES, {}), ("backend", "batch_size")),
    "samples": Opening(("median_s",), ONE_SENTENCE),
    "load": Opening(("offered_rate",), Cells("scenarios.Server", {}), ("backend", "request_rate")),
    "arithmetic": Opening(("flop_per_second",), ONE_SENTENCE),
}
"""By what the pages call it."""


def openings(series: Iterable[Series]) -> dict[str, Any]:
    """Return what the pages open with, by its name.

    `judged` is the dataset whose hit rates say how accurate a backend is; all of them, if it has
    nothing but a `class` of "" and an empty `cell`.
    """
    every = [each for each in series if "backend" in each.cell]
    found = {name: _choose(every, opening).to_dict() for name, opening in OPENINGS.items()}
    judged = Cells("", SCIFACT)
    hits = [each for each in every if each.metric == "hit_rate"]
    found["judged"] = (judged if any(map(judged.has, hits)) else Cells("", {})).to_dict()
    return found


def _choose(series: Iterable[Series], opening: Opening) -> Cells:
    """Return what is wanted if it is there, else the cells that most backends have."""
    backends: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for each in series:
        if not opening.metrics or each.metric in opening.metrics:
            if opening.wanted.has(each):
                return opening.wanted
            cell = {name: text for name, text in each.cell.items() if name not in opening.apart}
            owner = each.benchmark.rpartition(".")[0]
            backends[owner, *cell.items()].add(each.cell["backend"])
    if not backends:
        return opening.wanted
    most, *others = max(sorted(backends), key=lambda place: len(backends[place]))
    return Cells(most, dict(others))
