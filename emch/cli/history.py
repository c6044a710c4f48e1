"""The table of `emch compare --history`: change points in the committed results of asv."""

import re

from emch.cli.console import out, table
from emch.cli.results import read_results
from emch.metrics import METRICS
from emch.tracking.change_points import change_points
from emch.tracking.stacks import load_config

COLUMNS = ("where", "cell", "verdict", "commits", "before", "after", "ratio", "interval")


def show_history(bench: re.Pattern[str]) -> None:
    """Print the change points of the series whose names are like `bench`."""
    figures = read_results(load_config()).figures()
    points = change_points(figure for figure in figures if bench.search(figure.name))
    shown = table(*COLUMNS, numbers=frozenset(COLUMNS[4:]))
    for point in points:
        show = METRICS[point.metric].show if point.metric in METRICS else "{:.4g}".format
        shown.add_row(
            f"{point.machine}, {point.stack}",
            point.name,
            point.verdict,
            f"{point.last[:8]}..{point.first[:8]}",
            show(point.before),
            show(point.after),
            f"{point.ratio:.3f}" if point.ratio is not None else "",
            f"{point.low:.3f} to {point.high:.3f}" if point.ratio is not None else "",
        )
    out.print(shown if points else "no change points")
