"""What a comparison found, cell by cell: speed, memory, load, accuracy, answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from emch.compare.accuracy import Hits
from emch.compare.launch import Answer, Launch
from emch.compare.launched import LaunchedCell, Run
from emch.compare.statistics import LOOKS

SPEED = {"worse": "slower", "better": "faster"}
SPEEDS = ("time", "load", "user")
"""The quantities that these words are for."""

SAME_ANSWERS = 1e-5
"""The greatest L2 distance of two embeddings of length 1 that rounding explains."""

CHANGED = frozenset({"slower", "faster", "worse", "better"})
MAIN = ("time", "value")
"""The quantities that a benchmark is there for."""

REGRESSIONS = frozenset({"slower", "worse", "broke"})


@dataclass(frozen=True)
class Finding:
    """The verdict on one quantity of one cell.

    Attributes
    ----------
    cell : str
        The name of the cell.
    what : str
        The quantity: time, value, memory, load, user, answers, or a name that the benchmark gives.
    verdict : str
        slower, faster, worse, better, same, unclear, broke, fixed, failed or skipped.
    old, new : float or None
        The medians of A and B, in seconds or bytes.
    ratio, low, high : float or None
        B over A, and the interval.
    launches : int
        The number of launches behind the interval.
    note : str
        What else there is to say: how much longer it needs, or an error.
    unit : str
        Of `old` and `new`, where the quantity is a value that the benchmark gives.
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
    unit: str = ""


def find(run: Run) -> list[Finding]:
    """Return the findings on every quantity of every cell."""
    found = []
    for each in run.cells:
        found += _of_cell(run, each)
    return found


def _of_cell(run: Run, each: LaunchedCell) -> list[Finding]:
    if each.ended is not None:
        return [_ended(each.cell.name, each.ended)]
    if not each.has_ratios:
        return [_of_values(each)]
    found = [_of_quantity(run, each, what) for what in each.quantities]
    return found + _of_answers(each.cell.name, each.launches)


def _ended(name: str, launch: Launch) -> Finding:
    if launch.skipped:
        return Finding(name, "time", "skipped", note=launch.skipped)
    failed = launch.failed or {}
    word = {"A": "fixed", "B": "broke"}.get("".join(sorted(failed)), "failed")
    return Finding(name, "time", word, note="; ".join(failed.values()))


def _of_values(each: LaunchedCell) -> Finding:
    old, new = ({launch.value[side] for launch in each.launches} for side in (0, 1))
    word = "same" if old == new and len(old) == 1 else "unclear" if old & new else "changed"
    return Finding(
        each.cell.name,
        "value",
        word,
        old=median(old),
        new=median(new),
        launches=len(each.launches),
        note="values that are not above 0 have no ratio",
        unit=each.cell.unit,
    )


def _of_quantity(run: Run, each: LaunchedCell, what: str) -> Finding:
    judgement = each.judged.get(what)
    if judgement is None:
        note = f"the budget ended before {LOOKS[0]} launches"
        return Finding(each.cell.name, what, "unclear", note=note)
    launches = each.launches[: judgement.launches]
    return Finding(
        each.cell.name,
        what,
        SPEED.get(judgement.verdict, judgement.verdict) if what in SPEEDS else judgement.verdict,
        old=median(launch.values(what)[0] for launch in launches),
        new=median(launch.values(what)[1] for launch in launches),
        ratio=judgement.interval.ratio,
        low=judgement.interval.low,
        high=judgement.interval.high,
        launches=judgement.launches,
        note=_need(run, each, what) if judgement.verdict == "unclear" else "",
        unit=each.cell.unit if what == "value" else "",
    )


def _need(run: Run, each: LaunchedCell, what: str) -> str:
    if each.settled and len(each.launches) < LOOKS[-1]:
        return f"too noisy to resolve in {LOOKS[-1]} launches"
    more = run.more_seconds(each, what)
    if math.isinf(more):
        return f"the noise is too large for {LOOKS[-1]} launches"
    return f"about {more:.0f} s more would settle it"


def _of_answers(name: str, launches: Sequence[Launch]) -> list[Finding]:
    """Compare what both sides answered; there is no noise in it from launch to launch."""
    if not launches:
        return []
    old, new = launches[0].answers
    found = [
        _of_answer(name, what, old[what], new[what], len(launches))
        for what in sorted(old.keys() & new.keys())
    ]
    distances = [launch.distance for launch in launches if launch.distance is not None]
    if distances:
        word = "same" if max(distances) <= SAME_ANSWERS else "changed"
        note = f"embeddings differ by up to {max(distances):.2g}"
        found.append(Finding(name, "answers", word, launches=len(launches), note=note))
    return found


def _of_answer(name: str, what: str, old: Answer, new: Answer, launches: int) -> Finding:
    note = ""
    one, other = (fmean(each) if isinstance(each, Sequence) else each for each in (old, new))
    word = "same" if other == one else "better" if other > one else "worse"
    if isinstance(old, Sequence) and isinstance(new, Sequence) and len(old) == len(new):
        word, note = _of_hits(Hits(old, new))
    ratio = other / one if one else None
    return Finding(name, what, word, one, other, ratio, launches=launches, note=note)


def _of_hits(hits: Hits) -> tuple[str, str]:
    """Return the verdict of McNemar's test, and what it is from."""
    counts = f"{sum(hits.old)} and {sum(hits.new)} of {len(hits.old)}"
    if hits.lost == hits.gained == 0:
        return "same", f"{counts}, the same ones"
    only = f"only A hits {hits.lost}, only B {hits.gained}"
    return hits.verdict, f"{counts}; {only}: p = {hits.p:.2g}"
