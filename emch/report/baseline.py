"""The ratio of a figure to that of the baseline, for all tables.

The pages of the site divide by themselves, since their reader chooses what a ratio is to.
"""

from collections.abc import Iterable
from typing import Any

from emch.compare.accuracy import told_apart
from emch.datasets.registry import query_count
from emch.metrics import METRICS
from emch.tracking.results import BASELINE, Figure


class Ratios:
    """The ratios of figures to those of `BASELINE` in the same run.

    Parameters
    ----------
    figures : iterable of Figure
        All that there are, of the baseline too.
    """

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._of_baseline = {
            _run(figure): figure.value
            for figure in figures
            if figure.params.get("backend") == BASELINE
        }

    def base(self, figure: Figure) -> float | None:
        """Return the baseline's figure in the same machine, stack, commit and cell, if any."""
        return self._of_baseline.get(_run(figure))

    def ratio(self, figure: Figure) -> float | None:
        """Return a figure over the baseline's of the same machine, stack, commit and cell.

        None where that was not measured, or is 0.
        """
        base = self.base(figure)
        return figure.value / base if base else None


def show_hits(rate: float, base: float | None, dataset: str) -> str:
    """Return a hit rate for people; `same` where it cannot be told from another baseline's.

    Parameters
    ----------
    rate : float
        The hit rate.
    base : float or None
        That of the baseline, where it was measured in the same run.
    dataset : str
        The dataset's name.
    """
    shown = METRICS["hit_rate"].show(rate)
    if base is None or base == rate or told_apart(rate, base, query_count(dataset)):
        return shown
    return f"{shown} (same)"


def show_ratio(ratio: float | None) -> str:
    """Return a ratio for people; nothing where there is none."""
    return "" if ratio is None else f"{ratio:.2f}"


def _run(figure: Figure) -> tuple[Any, ...]:
    """Return what a figure has in common with what its ratio is to."""
    rest = ((name, text) for name, text in figure.params.items() if name != "backend")
    return (figure.machine, figure.stack, figure.commit, figure.benchmark, *rest)
