"""All backends of one machine in one table of Markdown, from the newest committed figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emch.metrics import METRICS
from emch.report.baseline import Ratios, show_hits, show_ratio
from emch.report.markdown import markdown_table
from emch.tracking.carried import Calls
from emch.tracking.results import SEARCH, Figure

TITLE = """\
# All backends

One machine's newest figures, by `emch export backends --machine {machine}`; a test compares
this page with the results that are committed. SciFact is semantic search over 300 claims and
5,183 titles at batch size 16 in a fresh process: wall time of the process, and of encoding
alone, each with its ratio to `sentence-transformers` where both are of one commit and stack.
p50 and p99 are those of one sentence of 16 and of 128 tokens in a warm session. Load includes
the imports. A hit rate is called the same as that of `sentence-transformers` where no exact paired
test of so many queries can tell them apart. The cosine is the least one to the reference over all
probe texts; what was not measured is left empty. [Methodology](methodology.md) says what each
figure includes.

"""
SCIFACT = {"dataset": "scifact", "batch_size": "16"}
ONE = {"batch_size": "1"}


@dataclass(frozen=True)
class Column:
    """A column of figures.

    Attributes
    ----------
    metric : str
        What its values are, and so the words above it and how they are shown.
    suite : str
        The class of the benchmark, as asv names it.
    params : mapping of str to str
        The parameters beside the backend.
    before, behind : str
        What the heading has beside the metric's own words.
    """

    metric: str
    suite: str
    params: Mapping[str, str]
    before: str = ""
    behind: str = ""

    @property
    def heading(self) -> str:
        """The words above it."""
        return f"{self.before}{METRICS[self.metric].heading}{self.behind}"


WALL = Column("wall_s", SEARCH, SCIFACT, before="SciFact ")
ENCODE = Column("encode_s", SEARCH, SCIFACT)
COLUMNS = (
    WALL,
    ENCODE,
    Column("tokens_per_second", SEARCH, SCIFACT),
    Column("median_s", "sentence_latency.Tokens16", ONE, behind=", 16"),
    Column("p99_s", "sentence_latency.Tokens16", ONE, behind=", 16"),
    Column("median_s", "sentence_latency.Tokens128", ONE, behind=", 128"),
    Column("p99_s", "sentence_latency.Tokens128", ONE, behind=", 128"),
    Column("peak_rss_bytes", SEARCH, SCIFACT),
    Column("load_s", "startup.Startup", {}),
    Column("hit_rate", SEARCH, SCIFACT),
    Column("cosine_to_reference", SEARCH, SCIFACT),
)
RATIOS = (WALL, ENCODE)


def backends_table(figures: Iterable[Figure], machine: str, stacks: Mapping[str, str]) -> str:
    """Return the page, fastest search first; what was not measured is left empty.

    Parameters
    ----------
    figures : iterable of Figure
        The newest of each place.
    machine : str
        The machine whose figures are shown.
    stacks : mapping of str to str
        The backends to show, each with the stack that its figures are taken from.
    """
    every = [figure for figure in figures if figure.machine == machine]
    ratios, calls = Ratios(every), Calls(every)
    found = {
        (figure.params["backend"], column.heading): figure
        for figure in every
        for column in COLUMNS
        if _is_of(figure, column, stacks)
    }
    last = float("inf")

    def seconds(backend: str) -> float:
        figure = found.get((backend, ENCODE.heading)) or found.get((backend, WALL.heading))
        return figure.value if figure else last

    order = sorted(stacks, key=seconds)
    headings = ["backend", "stack"]
    for column in COLUMNS:
        headings += [column.heading, "ratio"] if column in RATIOS else [column.heading]
    rows = [
        [f"`{backend}`", stacks[backend], *_values(found, backend, ratios, calls)]
        for backend in order
    ]
    return TITLE.format(machine=machine) + markdown_table(headings, rows)


def _is_of(figure: Figure, column: Column, stacks: Mapping[str, str]) -> bool:
    backend = figure.params.get("backend", "")
    return (
        (figure.metric, figure.suite) == (column.metric, column.suite)
        and stacks.get(backend) == figure.stack
        and figure.params == {**column.params, "backend": backend}
    )


def _values(
    found: Mapping[tuple[str, str], Figure], backend: str, ratios: Ratios, calls: Calls
) -> list[str]:
    shown = []
    for column in COLUMNS:
        figure = found.get((backend, column.heading))
        if figure is not None and (needed := calls.lacks(figure)):
            shown.append(f"n/a (needs {needed})")
        elif figure is not None and column.metric == "hit_rate":
            base = ratios.base(figure)
            shown.append(show_hits(figure.value, base, column.params["dataset"]))
        else:
            shown.append("" if figure is None else METRICS[column.metric].show(figure.value))
        if column in RATIOS:
            shown.append("" if figure is None else show_ratio(ratios.ratio(figure)))
    return shown
