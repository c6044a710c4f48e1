"""The findings of a comparison as rows, and in Markdown for a pull request."""

from collections import Counter
from collections.abc import Mapping, Sequence

from emch.compare.findings import Finding
from emch.metrics import METRICS
from emch.report.markdown import markdown_table

HEADINGS = ("cell", "what", "verdict", "A", "B", "B / A", "interval", "note")
SHOWN_AS = {
    "time": "median_s", "load": "load_s", "memory": "peak_rss_bytes", "user": "user_s",
}  # fmt: skip
SHORT_S = 1e-4
"""A time below it is shown in microseconds: other projects time less than an engine's call."""

ASIDE = ("load", "memory", "user")
"""Quantities that cost no launch of their own."""

OF_UNIT = {"seconds": "median_s", "bytes": "peak_rss_bytes"}
"""Metrics of a unit, by which a value of it is shown."""


def texts_of(finding: Finding) -> tuple[str, ...]:
    """Return the texts under `HEADINGS`."""
    ratio, interval = "", ""
    if finding.ratio is not None:
        ratio = f"{finding.ratio:.3f}"
    if finding.low is not None and finding.high is not None:
        interval = f"{finding.low:.3f} to {finding.high:.3f}"
    values = [_value(finding, finding.old), _value(finding, finding.new)]
    return (finding.cell, finding.what, finding.verdict, *values, ratio, interval, finding.note)


def shown(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those that nobody launched for and that are unclear."""
    return [each for each in findings if not _is_aside(each)]


def left_out(findings: Sequence[Finding]) -> str:
    """Say how many findings `shown` leaves out; nothing where there are none."""
    counts = Counter(each.what for each in findings if _is_aside(each))
    words = [f"the {what} of {count}" for what, count in sorted(counts.items())]
    cells = "cell" if [*counts.values()] == [1] else "cells"
    return f"Too noisy for a verdict, and left out: {' and '.join(words)} {cells}." if words else ""


def _is_aside(finding: Finding) -> bool:
    return finding.what in ASIDE and finding.verdict == "unclear"


def comparison_markdown(
    labels: Sequence[str], findings: Sequence[Finding], why: Mapping[str, Sequence[str]]
) -> str:
    """Return the Markdown of a comparison, what changed first.

    Parameters
    ----------
    labels : sequence of two str
        The sides.
    findings : sequence of Finding
        What was found.
    why : mapping of str to sequence of str
        What differs between the sides in the cells that changed, by their names.
    """
    calm = ("same", "unclear", "skipped")
    order = sorted(shown(findings), key=lambda finding: finding.verdict in calm)
    rows = map(texts_of, order)
    reasons = [f"- `{cell}`: {line}\n" for cell, lines in why.items() for line in lines]
    differs = ["\nWhat differs where a time or a value changed:\n\n", *reasons] if reasons else []
    table = markdown_table(HEADINGS, rows)
    omitted = f"\n{left_out(findings)}\n" if left_out(findings) else ""
    return f"A: {labels[0]}, B: {labels[1]}\n\n{table}{omitted}{''.join(differs)}"


def _value(finding: Finding, value: float | None) -> str:
    if value is None:
        return ""
    metric = SHOWN_AS.get(finding.what) or OF_UNIT.get(finding.unit)
    if metric and METRICS[metric].unit == "seconds" and 0 < value < SHORT_S:
        return f"{value * 1e6:.3g} us"
    return METRICS[metric].show(value) if metric else f"{value:.4g} {finding.unit}".strip()
