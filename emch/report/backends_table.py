"""All backends of one machine in one table of Markdown, from the newest committed figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emch.metrics import METRICS
from emch.report.markdown import markdown_table
from emch.tracking.results import BASELINE, SEARCH, Figure, metric_of

TITLE = """\
# All backends

One machine's newest figures, by `emch export backends --machine {machine}`; a test compares
this page with the results that are committed. SciFact is semantic search over 300 claims and
5,183 titles at batch size 16 in a fresh process: wall time of the process, and of encoding
alone, each with its ratio to `sentence-transformers` where both are of one commit and stack.
p50 and p99 are those of one sentence of 16 and of 128 tokens in a warm session. Load includes
the imports. The cosine is the least one to the reference over all probe texts; what was not
measured is left empty. [Methodology](methodology.md) says what each figure includes.

"""
SCIFACT = {"dataset": "scifact", "batch_size": "16"}
ONE = {"batch_size": "1"}


@dataclass(frozen=True)
class Column:
    """A column of figures.

    Attributes
    ----------
    heading : str
        The words above it.
    benchmark : str
        asv's full name.
    cell : mapping of str to str
        The parameters beside the backend.
    """

    heading: str
    benchmark: str
    cell: Mapping[str, str]

    @property
    def metric(self) -> str:
        """What its values are, and so how they are shown."""
        return metric_of(self.benchmark)


COLUMNS = (
    Column("SciFact wall", f"{SEARCH}.track_wall", SCIFACT),
    Column("encode", f"{SEARCH}.track_encode", SCIFACT),
    Column("tokens/s", f"{SEARCH}.track_tokens_per_second", SCIFACT),
    Column("p50, 16", "sentence_latency.Tokens16.track_latency", ONE),
    Column("p99, 16", "sentence_latency.Tokens16.track_p99", ONE),
    Column("p50, 128", "sentence_latency.Tokens128.track_latency", ONE),
    Column("p99, 128", "sentence_latency.Tokens128.track_p99", ONE),
    Column("peak memory", f"{SEARCH}.track_peak_memory", SCIFACT),
    Column("load", "startup.Startup.track_load", {}),
    Column("hit rate", f"{SEARCH}.track_hitrate", SCIFACT),
    Column("cosine", f"{SEARCH}.track_cosine", SCIFACT),
)
RATIOS = ("wall_s", "encode_s")


def backends_table(figures: Iterable[Figure], machine: str, stacks: Mapping[str, str]) -> str:
    """Return the page, fastest search first; what was not measured is left empty.

    Parameters
    ----------
    figures : iterable of Figure
        The newest of each place.
    machine : str
        Whose figures.
    stacks : mapping of str to str
        The backends to show, each with the stack that its figures are taken from.
    """
    found = {
        (figure.cell["backend"], column.heading): figure
        for figure in figures
        for column in COLUMNS
        if figure.machine == machine and _is_of(figure, column, stacks)
    }
    last = float("inf")

    def seconds(backend: str) -> float:
        figure = found.get((backend, "encode")) or found.get((backend, "SciFact wall"))
        return figure.value if figure else last

    order = sorted(stacks, key=seconds)
    headings = ["backend", "stack"]
    for column in COLUMNS:
        headings += [column.heading, "ratio"] if column.metric in RATIOS else [column.heading]
    rows = [[f"`{backend}`", stacks[backend], *_values(found, backend)] for backend in order]
    return TITLE.format(machine=machine) + markdown_table(headings, rows)


def _is_of(figure: Figure, column: Column, stacks: Mapping[str, str]) -> bool:
    backend = figure.cell.get("backend", "")
    return (
        figure.benchmark == column.benchmark
        and stacks.get(backend) == figure.stack
        and figure.cell == {**column.cell, "backend": backend}
    )


def _values(found: Mapping[tuple[str, str], Figure], backend: str) -> list[str]:
    shown = []
    for column in COLUMNS:
        figure = found.get((backend, column.heading))
        shown.append("" if figure is None else METRICS[column.metric].show(figure.value))
        if column.metric in RATIOS:
            shown.append(_ratio(figure, found.get((BASELINE, column.heading))))
    return shown


def _ratio(figure: Figure | None, base: Figure | None) -> str:
    """Compare within one run alone: the same stack and commit."""
    if figure is None or base is None:
        return ""
    if (figure.stack, figure.commit) != (base.stack, base.commit):
        return ""
    return f"{figure.value / base.value:.2f}"
