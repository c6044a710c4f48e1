"""One engine's releases on one machine in a table of Markdown, from the newest figures."""

from collections.abc import Iterable, Sequence

from emch.metrics import METRICS
from emch.report.markdown import markdown_table
from emch.tracking.results import SEARCH, Figure
from emch.tracking.stacks import Stack

TITLE = """\
# Releases of {engine}

The same artifacts on stacks that differ in the release of {engine}, by `emch export releases
{engine} --machine {machine}`; a test compares this page with the results that are committed. A
call is one sentence of 128 tokens in a warm session: the median of at least 100 calls, and asv's
99 % confidence interval of it. The interval is that of one launch: two launches of one release
differ by more ([Methodology](methodology.md#noise)). SciFact is the wall time of a fresh process
at batch size 16.

"""
HEADINGS = (
    "release",
    "backend",
    "call",
    "99 % interval",
    "of the fastest",
    f"SciFact {METRICS['wall_s'].heading}",
    METRICS["hit_rate"].heading,
)
LATENCY = "sentence_latency.Tokens128"
CALL = "median_s"
BATCH_SIZE = "1"


def releases_table(
    figures: Iterable[Figure], machine: str, engine: str, stacks: Sequence[Stack]
) -> str:
    """Return the page: each backend's releases from the fastest call to the slowest.

    Parameters
    ----------
    figures : iterable of Figure
        The newest of each place.
    machine : str
        The machine whose figures are shown.
    engine : str
        A distribution, as the stacks pin it.
    stacks : sequence of Stack
        The stacks to compare.
    """
    labels = {stack.label: stack.pins[engine] for stack in stacks}
    found = {
        (figure.metric, figure.stack, figure.params["backend"]): figure
        for figure in figures
        if figure.machine == machine and figure.stack in labels and _is_shown(figure)
    }
    calls = sorted(
        (backend, figure.value, stack)
        for (metric, stack, backend), figure in found.items()
        if metric == CALL
    )
    fastest = {backend: value for backend, value, _ in reversed(calls)}
    rows = []
    for backend, value, stack in calls:
        wall = found.get(("wall_s", stack, backend))
        hits = found.get(("hit_rate", stack, backend))
        rows.append(
            [
                labels[stack],
                f"`{backend}`",
                METRICS[CALL].show(value),
                _interval(found[CALL, stack, backend]),
                f"{value / fastest[backend]:.2f}",
                METRICS["wall_s"].show(wall.value) if wall else "",
                METRICS["hit_rate"].show(hits.value) if hits else "",
            ]
        )
    return TITLE.format(engine=engine, machine=machine) + markdown_table(HEADINGS, rows)


def _is_shown(figure: Figure) -> bool:
    if figure.suite == LATENCY:
        return figure.metric == CALL and figure.params["batch_size"] == BATCH_SIZE
    return figure.suite == SEARCH and (
        figure.params["dataset"] == "scifact" and figure.params["batch_size"] == "16"
    )


def _interval(figure: Figure) -> str:
    if figure.interval is None:
        return ""
    low, high = (METRICS[CALL].show(bound) for bound in figure.interval)
    return f"{low} to {high}"
