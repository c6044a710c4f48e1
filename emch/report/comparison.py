"""The findings of a comparison as rows, and in Markdown for a pull request."""

from collections.abc import Sequence

from emch.compare.findings import Finding
from emch.metrics import METRICS
from emch.report.markdown import markdown_table

HEADINGS = ("cell", "what", "verdict", "A", "B", "B / A", "interval", "note")
SHOWN_AS = {
    "time": "median_s", "load": "load_s", "memory": "peak_rss_bytes", "user": "user_s",
}  # fmt: skip


def texts_of(finding: Finding) -> tuple[str, ...]:
    """Return the texts under `HEADINGS`."""
    ratio, interval = "", ""
    if finding.ratio is not None:
        ratio = f"{finding.ratio:.3f}"
    if finding.low is not None and finding.high is not None:
        interval = f"{finding.low:.3f} to {finding.high:.3f}"
    values = [_value(finding, finding.old), _value(finding, finding.new)]
    return (finding.cell, finding.what, finding.verdict, *values, ratio, interval, finding.note)


def comparison_table(labels: Sequence[str], findings: Sequence[Finding]) -> str:
    """Return the Markdown of a comparison of two sides by their labels, what changed first."""
    order = sorted(findings, key=lambda finding: finding.verdict in ("same", "unclear", "skipped"))
    rows = map(texts_of, order)
    return f"A: {labels[0]}, B: {labels[1]}\n\n{markdown_table(HEADINGS, rows)}"


def _value(finding: Finding, value: float | None) -> str:
    if value is None:
        return ""
    metric = SHOWN_AS.get(finding.what)
    return METRICS[metric].show(value) if metric else f"{value:.4f}"
