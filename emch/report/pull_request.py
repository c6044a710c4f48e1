"""The newest figures and what changed, in Markdown for a pull request."""

from collections.abc import Iterable, Mapping
from typing import Any

from emch.metrics import METRICS
from emch.report.markdown import markdown_table
from emch.report.summary import HEADINGS, Row, sections
from emch.tracking.results import plain

CHANGE_HEADINGS = (
    "backend", "of", "metric", "before", "now", "change", "interval", "verdict",
    "what differs",
)  # fmt: skip
MARKED = ("worse", "better")


def pull_request(rows: Iterable[Row], series: Iterable[Mapping[str, Any]]) -> str:
    """Return the tables for a pull request.

    Parameters
    ----------
    rows : iterable of Row
        The figures of whole processes, sorted as `summarize` does.
    series : iterable of mapping
        The series of data.json, of the machines that the rows have.
    """
    parts = []
    for section in sections(rows):
        first = section[0]
        parts.append(f"### {first.dataset}, stack {first.stack}, machine {first.machine}\n\n")
        parts.append(markdown_table(HEADINGS, (row.texts() for row in section)) + "\n")
    changed = [each for each in series if each["change"]]
    marked = [each for each in changed if each["change"]["verdict"] in MARKED]
    parts.append("### Changes with the newest commit\n\n")
    if marked:
        parts.append(markdown_table(CHANGE_HEADINGS, map(_change, marked)))
    elif changed:
        parts.append(f"None of {len(changed)} figures changed beyond noise.\n")
    else:
        parts.append("There is no commit to compare with.\n")
    return "".join(parts)


def _change(series: Mapping[str, Any]) -> list[str]:
    change, metric = series["change"], METRICS[series["metric"]]
    params = {name: plain(text) for name, text in series["params"].items()}
    old, new = series["points"][-2][1], series["points"][-1][1]
    return [
        params.pop("backend", ""),
        ", ".join([series["stack"], series["benchmark"], *params.values()]),
        metric.label,
        metric.show(old),
        metric.show(new),
        f"{change['ratio'] - 1:+.1%}",
        f"{change['low'] - 1:+.1%} to {change['high'] - 1:+.1%}",
        change["verdict"],
        change["why"],
    ]
