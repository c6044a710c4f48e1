"""The summary page inside asv's site: readable without a network, unlike asv's own pages."""

from html import escape
from pathlib import Path
from string import Template
from typing import Any

from asv.publishing import OutputPublisher

from emch.errors import Unavailable
from emch.site.summary import HEADINGS, Row, sections, summarize

PAGE = "summary.html"


class Summary(OutputPublisher):  # type: ignore[misc] # asv has no types
    """Writes `summary.html` when `asv publish` runs; the site's title links to it."""

    name = "emch-summary"
    button_label = "Summary"
    description = "The newest whole-process figures of each stack"
    order = 10

    @classmethod
    def publish(cls, conf: Any, *_: Any) -> None:
        """Write the page into the folder that asv has just made."""
        try:
            rows = summarize(conf)
        except Unavailable:
            rows = []
        Path(conf.html_dir, PAGE).write_text(render(rows), encoding="utf-8")


def render(rows: list[Row]) -> str:
    """Return the page for some rows, which are sorted as `summarize` does."""
    template = Template(Path(__file__).with_name("summary.html").read_text(encoding="utf-8"))
    body = "\n".join(_section(section) for section in sections(rows))
    empty = "<p>There are no results yet: run <code>make bench</code>.</p>"
    return template.substitute(body=body or empty)


def _section(rows: list[Row]) -> str:
    first = rows[0]
    title = (
        f"{first.dataset}, stack {first.stack}, machine {first.machine}, commit {first.commit[:8]}"
    )
    headings = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in HEADINGS)
    slowest = max(row.wall_s for row in rows)
    body = "\n".join(_table_row(row, row.wall_s / slowest) for row in rows)
    return (
        f"<section><h2>{escape(title)}</h2>\n<table><thead><tr>{headings}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table></section>"
    )


def _table_row(row: Row, length: float) -> str:
    """Draw a row; the bar behind the wall time is its share of the slowest."""
    backend, batch_size, wall, *others = map(escape, row.cells())
    bar = f'<td style="--length:{100 * length:.1f}%" class="bar">{wall}</td>'
    return (
        f'<tr><th scope="row">{backend}</th><td>{batch_size}</td>{bar}'
        + "".join(f"<td>{text}</td>" for text in others)
        + "</tr>"
    )
