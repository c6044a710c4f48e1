"""What `emch compare` hands over: a table, files, an exit code."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from emch.cli.console import log, out, table, write_whole
from emch.compare.findings import REGRESSIONS, Finding
from emch.compare.launched import Run
from emch.errors import Unavailable
from emch.report.comparison import HEADINGS, comparison_markdown, left_out, shown, texts_of

MOST_DISTURBED = 5


def hand_over(
    labels: Sequence[str],
    findings: Sequence[Finding],
    json_file: Path | None,
    markdown: Path | None,
    why: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> NoReturn:
    """Write the files that are asked for, print the table, and end with the exit code.

    Parameters
    ----------
    labels : sequence of two str
        The sides, as people read them.
    findings : sequence of Finding
        Those of a cell follow each other.
    json_file, markdown : Path or None
        The files to write.
    why : mapping of str to sequence of str
        What differs between the sides in the cells that changed, by their names.
    """
    if json_file is not None:
        found: dict[str, Any] = {"a": labels[0], "b": labels[1]}
        found |= {"findings": [*map(asdict, findings)], "why": dict(why)}
        write_whole("--json", json_file, json.dumps(found) + "\n")
    if markdown is not None:
        write_whole("--markdown", markdown, comparison_markdown(labels, findings, why))
    _show(labels, findings, why)
    raise SystemExit(_exit_code(findings))


def say_disturbances(run: Run) -> None:
    """Say on stderr what else happened on the machine, by cell; of many cells the first."""
    said = {
        each.cell.name: [words for launch in each.launches for words in launch.conditions]
        for each in run.cells
    }
    disturbed = {name: words for name, words in said.items() if words}
    for name, words in islice(disturbed.items(), MOST_DISTURBED):
        more = f", and {len(words) - 3} more" if len(words) > 3 else ""
        log(f"disturbed while {name} was measured: {'; '.join(words[:3])}{more}")
    if len(disturbed) > MOST_DISTURBED:
        log(f"{len(disturbed) - MOST_DISTURBED} more cells were disturbed")


def _show(
    labels: Sequence[str], findings: Sequence[Finding], why: Mapping[str, Sequence[str]]
) -> None:
    out.print(f"A: {labels[0]}    B: {labels[1]}")
    rows = [texts_of(finding) for finding in shown(findings)]
    if not rows:
        return
    _, *widths, _ = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    for cell, group in groupby(rows, itemgetter(0)):
        made = table(*HEADINGS[1:], numbers=frozenset(HEADINGS[3:7]))
        for column, width in zip(made.columns[:-1], widths, strict=True):  # the note has the rest
            column.min_width = width
        for _, *texts in group:
            made.add_row(*texts)
        out.print(f"\n{cell}", markup=False, highlight=False, soft_wrap=True)
        out.print(made)
        for line in why.get(cell, ()):
            out.print(line, markup=False, highlight=False, soft_wrap=True)
    if omitted := left_out(findings):
        out.print(f"\n{omitted}")


def _exit_code(findings: Sequence[Finding]) -> int:
    words: set[Any] = {finding.verdict for finding in findings}
    if words & REGRESSIONS:
        return 1
    if findings and words <= {"skipped", "failed"}:
        raise Unavailable(findings[0].note or "nothing could be measured")
    return 0
