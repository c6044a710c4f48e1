"""What `emch compare` hands over: a table, files, an exit code."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NoReturn

from emch.cli.console import log, out, table, write_whole
from emch.compare.findings import REGRESSIONS, Finding
from emch.compare.launched import LaunchedCell
from emch.errors import Unavailable
from emch.report.comparison import HEADINGS, comparison_table, texts_of


def hand_over(
    labels: Sequence[str], findings: Sequence[Finding], json_file: Path | None,
    markdown: Path | None,
) -> NoReturn:  # fmt: skip
    """Write the files that are asked for, print the table, and end with the exit code."""
    if json_file is not None:
        found = {"a": labels[0], "b": labels[1], "findings": [*map(asdict, findings)]}
        write_whole("--json", json_file, json.dumps(found) + "\n")
    if markdown is not None:
        write_whole("--markdown", markdown, comparison_table(labels, findings))
    _show(labels, findings)
    raise SystemExit(_exit_code(findings))


def say_disturbances(launched: Sequence[LaunchedCell]) -> None:
    """Say on stderr what else happened on the machine, by cell."""
    for each in launched:
        said = [words for launch in each.launches for words in launch.conditions]
        if said:
            more = f", and {len(said) - 3} more" if len(said) > 3 else ""
            log(f"disturbed while {each.cell.name} was measured: {'; '.join(said[:3])}{more}")


def _show(labels: Sequence[str], findings: Sequence[Finding]) -> None:
    out.print(f"A: {labels[0]}    B: {labels[1]}")
    rows = [texts_of(finding) for finding in findings]
    if not rows:
        return
    _, *widths, _ = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    for cell, group in groupby(rows, itemgetter(0)):
        shown = table(*HEADINGS[1:], numbers=frozenset(HEADINGS[3:7]))
        for column, width in zip(shown.columns[:-1], widths, strict=True):  # the note has the rest
            column.min_width = width
        for _, *texts in group:
            shown.add_row(*texts)
        out.print(f"\n{cell}", markup=False, highlight=False, soft_wrap=True)
        out.print(shown)


def _exit_code(findings: Sequence[Finding]) -> int:
    words: set[Any] = {finding.verdict for finding in findings}
    if words & REGRESSIONS:
        return 1
    if findings and words <= {"skipped", "failed"}:
        raise Unavailable(findings[0].note or "nothing could be measured")
    return 0
