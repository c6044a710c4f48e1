"""The findings of a comparison as rows, and in Markdown for a pull request."""

from collections.abc import Sequence

from emch.compare.findings import Finding
from emch.compare.sides import Side
from emch.metrics import METRICS
from emch.report.markdown import markdown_table

HEADINGS = ("cell", "what", "verdict", "A", "B", "B / A", "interval", "note")
SHOWN_AS = {"time": "median_s", "load": "load_s", "memory": "peak_rss_bytes"}


def texts_of(finding: Finding) -> tuple[str, ...]:
    """Return the texts under `HEADINGS`."""
    ratio, interval = "", ""
    if finding.ratio is not None:
        ratio = f"{finding.ratio:.3f}"
    if finding.low is not None and finding.high is not None:
        interval = f"{finding.low:.3f} to {finding.high:.3f}"
    values = [_value(finding, finding.old), _value(finding, finding.new)]
    return (finding.cell, finding.what, finding.verdict, *values, ratio, interval, finding.note)


def comparison_table(sides: Sequence[Side], findings: Sequence[Finding]) -> str:
    """Return the Markdown, what changed first."""
    order = sorted(findings, key=lambda finding: finding.verdict in ("same", "unclear", "skipped"))
    rows = map(texts_of, order)
    return f"A: {sides[0].label}, B: {sides[1].label}\n\n{markdown_table(HEADINGS, rows)}"


def _value(finding: Finding, value: float | None) -> str:
    if value is None:
        return ""
    metric = SHOWN_AS.get(finding.what)
    return METRICS[metric].show(value) if metric else f"{value:.4f}"
