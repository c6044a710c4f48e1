"""What a comparison found, cell by cell: speed, memory, load, accuracy, answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from emch.compare.launched import LaunchedCell
from emch.compare.pair import Launch
from emch.compare.schedule import Plan
from emch.compare.statistics import LOOKS, launches_needed

SPEED = {"worse": "slower", "better": "faster"}
SAME_ANSWERS = 1e-5
"""The greatest L2 distance of two embeddings of length 1 that rounding explains."""

REGRESSIONS = frozenset({"slower", "worse", "broke"})


@dataclass(frozen=True)
class Finding:
    """The verdict on one quantity of one cell.

    Attributes
    ----------
    cell : str
        The name of the cell.
    what : str
        The quantity: time, memory, load, user, answers, or a name that the benchmark gives.
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


def find(launched: Sequence[LaunchedCell], plan: Plan) -> list[Finding]:
    """Return the findings on every quantity of every cell."""
    found = []
    for each in launched:
        found += _of_cell(each, len(launched), plan)
    return found


def _of_cell(each: LaunchedCell, cell_count: int, plan: Plan) -> list[Finding]:
    if each.ended is not None:
        return [_ended(each.cell.name, each.ended)]
    quantities = (each.launches or [Launch()])[0].quantities
    found = [_of_quantity(each, what, cell_count, plan) for what in quantities]
    return found + _of_answers(each.cell.name, each.launches)


def _ended(name: str, launch: Launch) -> Finding:
    if launch.skipped:
        return Finding(name, "time", "skipped", note=launch.skipped)
    failed = launch.failed or {}
    word = {"A": "fixed", "B": "broke"}.get("".join(sorted(failed)), "failed")
    return Finding(name, "time", word, note="; ".join(failed.values()))


def _of_quantity(each: LaunchedCell, what: str, cell_count: int, plan: Plan) -> Finding:
    judgement = each.judge(what, cell_count, plan.threshold)
    if judgement is None:
        note = f"the budget ended before {LOOKS[0]} launches"
        return Finding(each.cell.name, what, "unclear", note=note)
    launches = each.launches[: judgement.launches]
    return Finding(
        each.cell.name,
        what,
        judgement.verdict if what == "memory" else SPEED.get(judgement.verdict, judgement.verdict),
        old=median(launch.values(what)[0] for launch in launches),
        new=median(launch.values(what)[1] for launch in launches),
        ratio=judgement.interval.ratio,
        low=judgement.interval.low,
        high=judgement.interval.high,
        launches=judgement.launches,
        note=_need(each, what, cell_count, plan) if judgement.verdict == "unclear" else "",
    )


def _need(each: LaunchedCell, what: str, cell_count: int, plan: Plan) -> str:
    if each.settled(cell_count, plan.threshold) and len(each.launches) < LOOKS[-1]:
        return f"too noisy to resolve in {LOOKS[-1]} launches"
    logs = [launch.log_ratio(what) for launch in each.launches]
    needed = launches_needed(logs, cell_count, plan.threshold)
    if needed is None:
        return f"the noise is too large for {LOOKS[-1]} launches"
    more = (needed - len(logs)) * each.launch_s
    return f"about {more:.0f} s more would settle it"


def _of_answers(name: str, launches: Sequence[Launch]) -> list[Finding]:
    """Compare what both sides answered; there is no noise in it, so every change counts."""
    if not launches:
        return []
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
