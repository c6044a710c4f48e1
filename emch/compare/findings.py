"""What a comparison found, cell by cell: speed, memory, load, accuracy, answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from emch.compare.pair import Launch
from emch.compare.run import Measured, Plan
from emch.compare.statistics import LOOKS, Interval, launches_needed, verdict
from emch.compare.verdicts import Word

SPEED = {"worse": "slower", "better": "faster"}
SAME_ANSWERS = 1e-5
"""The greatest L2 distance of two embeddings of length 1 that rounding explains."""

REGRESSIONS = frozenset({"slower", "worse", "broke"})


@dataclass(frozen=True)
class Finding:
    """One quantity of one cell.

    Attributes
    ----------
    cell, what : str
        Which: time, memory, load, answers, or a name that the benchmark gives.
    verdict : str
        slower, faster, worse, better, same, unclear, broke, fixed, failed or skipped.
    old, new : float or None
        The medians of A and B, in seconds or bytes.
    ratio, low, high : float or None
        B over A, and the interval.
    launches : int
        How many the interval is from.
    note : str
        What else there is to say: how many more launches it needs, or an error.
    """

    cell: str
    what: str
    verdict: str
    old: float | None = None
    new: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    launches: int = 0
    note: str = ""


def find(measured: Sequence[Measured], plan: Plan) -> list[Finding]:
    """Return all findings."""
    found = []
    for each in measured:
        found += _of_cell(each, len(measured), plan)
    return found


def _of_cell(each: Measured, cells: int, plan: Plan) -> list[Finding]:
    name = each.cell.name
    bad = next((launch for launch in each.launches if launch.failed or launch.skipped), None)
    if bad is not None:
        return [_ended(name, bad)]
    looked = each.looked_at()
    if not looked:
        return [
            Finding(name, "time", "unclear", note=f"the budget ended before {LOOKS[0]} launches")
        ]
    launches = each.launches[:looked]
    logs = each.logs(looked)
    judge = partial(verdict, cells=cells, threshold=plan.threshold)
    found = [_judged(name, "time", judge(logs), [launch.call_s for launch in launches])]
    if found[0].verdict == "unclear":
        found[0] = _with_need(found[0], each, logs, cells, plan)
    for what, pairs in (
        ("load", [launch.load_s for launch in launches]),
        ("memory", [launch.peak_rss_bytes for launch in launches]),
    ):
        found.append(_judged(name, what, judge(_logs(pairs)), pairs))
    return found + _of_answers(name, launches)


def _ended(name: str, launch: Launch) -> Finding:
    if launch.skipped:
        return Finding(name, "time", "skipped", note=launch.skipped)
    failed = launch.failed or {}
    word = {"A": "fixed", "B": "broke"}.get("".join(sorted(failed)), "failed")
    return Finding(name, "time", word, note="; ".join(failed.values()))


def _judged(
    name: str, what: str, judged: tuple[Word, Interval], pairs: Sequence[Sequence[float]]
) -> Finding:
    word, found = judged
    return Finding(
        name,
        what,
        word if what == "memory" else SPEED.get(word, word),
        old=median(pair[0] for pair in pairs),
        new=median(pair[1] for pair in pairs),
        ratio=found.ratio,
        low=found.low,
        high=found.high,
        launches=len(pairs),
    )


def _with_need(
    finding: Finding, each: Measured, logs: Sequence[float], cells: int, plan: Plan
) -> Finding:
    needed = launches_needed(logs, cells, plan.threshold)
    if needed is None:
        note = "no time would settle it: the noise is too large"
    else:
        more = (needed - len(each.launches)) * each.seconds / len(each.launches)
        note = f"about {max(more, 0):.0f} s more would settle it"
    return Finding(**{**vars(finding), "note": note})


def _of_answers(name: str, launches: Sequence[Launch]) -> list[Finding]:
    """Compare what both sides answered; there is no noise in it, so every change counts."""
    found = []
    old, new = launches[0].answers
    for what in sorted(old.keys() & new.keys()):
        ratio = new[what] / old[what] if old[what] else None
        word = "same" if new[what] == old[what] else "better" if new[what] > old[what] else "worse"
        found.append(Finding(name, what, word, old[what], new[what], ratio, launches=len(launches)))
    distances = [launch.distance for launch in launches if launch.distance is not None]
    if distances:
        word = "same" if max(distances) <= SAME_ANSWERS else "changed"
        note = f"embeddings differ by up to {max(distances):.2g}"
        found.append(Finding(name, "answers", word, launches=len(launches), note=note))
    return found


def _logs(pairs: Sequence[Sequence[float]]) -> list[float]:
    return [math.log(new / old) for old, new in pairs]


def to_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return the findings as JSON has them; an endless interval has no bound there."""
    return [
        {
            key: None if isinstance(value, float) and value == float("inf") else value
            for key, value in vars(finding).items()
        }
        for finding in findings
    ]
