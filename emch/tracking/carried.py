"""Which percentiles of asv's results have calls enough behind them to be shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from emch.metrics import PERCENTS
from emch.percentiles import samples_needed
from emch.tracking.results import Figure

CALLS = "median_s"
"""The metric whose tracker keeps the calls."""


def needed_calls(metric: str) -> int | None:
    """Return how many calls a metric needs behind it; None where any number will do."""
    return samples_needed(PERCENTS[metric]) if metric in PERCENTS else None


class Calls:
    """How many calls there are behind each cell of a class of benchmarks.

    Parameters
    ----------
    figures : iterable of Figure
        Those of the calls among others.
    """

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._found = {
            _place(each): len(each.samples)
            for each in figures
            if each.metric == CALLS and each.samples
        }

    def lacks(self, figure: Figure) -> int | None:
        """Return how many calls a figure would need, if it has fewer; None where it is fine.

        It is taken for fine where no calls are kept.
        """
        needed = needed_calls(figure.metric)
        return needed if needed and self._found.get(_place(figure), needed) < needed else None


def _place(figure: Figure) -> tuple[Any, ...]:
    params: Mapping[str, str] = figure.params
    return (figure.machine, figure.stack, figure.commit, figure.suite, *params.items())
