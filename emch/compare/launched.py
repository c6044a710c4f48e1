"""The cells of a run with their launches so far, and the judgements that these allow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from emch.compare.launch import LAUNCH_S, Launch
from emch.compare.moderation import common_spread, moderated_spread
from emch.compare.observed import Observed, Spread, alike, weighted
from emch.compare.statistics import LOOKS, Interval, judge_launches, launches_needed, next_look
from emch.compare.verdicts import Verdict
from emch.tracking.results import Cell

CHANGED = ("worse", "better")


@dataclass(frozen=True)
class Judgement:
    """The verdict on a quantity, its interval, and the number of launches behind both."""

    verdict: Verdict
    interval: Interval
    launches: int


@dataclass
class LaunchedCell:
    """A cell with its launches so far.

    Attributes
    ----------
    cell : Cell
        The cell that is compared.
    threshold : float
        The change that does not matter, such as 0.03.
    launches : list of Launch
        Its launches, in the order in which they were made.
    judged : dict of str to Judgement
        The first clear judgement on each quantity, or the latest one.
    """

    cell: Cell
    threshold: float
    launches: list[Launch] = field(default_factory=list)
    judged: dict[str, Judgement] = field(default_factory=dict)

    @property
    def ended(self) -> Launch | None:
        """The launch in which a side failed, or said that the cell is not for this machine."""
        return next((each for each in self.launches if each.failed or each.skipped), None)

    @property
    def quantities(self) -> Sequence[str]:
        """What its launches have values of, the one that it is launched for first."""
        return (self.launches or [Launch()])[0].quantities

    @property
    def has_ratios(self) -> bool:
        """Whether its values can be divided; those of a tracker may be 0, or below."""
        values = (value for launch in self.launches for value in launch.value)
        return all(0 < value < math.inf for value in values)

    @property
    def seconds(self) -> float:
        """The seconds that its launches have taken."""
        return sum(launch.seconds for launch in self.launches)

    @property
    def launch_s(self) -> float:
        """The mean seconds of a launch; before the first one the least that it can take."""
        return self.seconds / len(self.launches) if self.launches else LAUNCH_S

    @property
    def measuring_s(self) -> float:
        """The seconds of calls in its next launch: twice as many where the last one was noisy.

        Then loading, which takes seconds that tell nothing, is the smaller part of a launch.
        """
        error = self.launches[-1].standard_error if self.launches else None
        return LAUNCH_S if error is None or error <= self.threshold else 2 * LAUNCH_S

    @property
    def next_look_s(self) -> float:
        """The seconds that its launches up to the next look will take; infinite after the last."""
        look = next_look(len(self.launches))
        return math.inf if look is None else (look - len(self.launches)) * self.launch_s

    @property
    def settled(self) -> bool:
        """Whether further launches would be of no use.

        Launches are made for the first quantity, and for a memory that seems to have changed. An
        engine may take one of two amounts by chance, and the time of loading varies widely: to show
        that these are the same can cost more launches than all else.
        """
        if self.ended or next_look(len(self.launches)) is None:
            return True
        if not self.has_ratios:
            return len(self.launches) >= LOOKS[0]
        if self.launched_for == self.quantities[0]:
            return False
        memory = self.judged.get("memory")
        if memory is None or memory.verdict != "unclear":
            return True
        return abs(math.log(memory.interval.ratio)) <= math.log1p(self.threshold)

    @property
    def is_clear(self) -> bool:
        """Whether what it is launched for first has a verdict."""
        if self.ended or not self.has_ratios:
            return True
        main = self.judged.get(self.quantities[0])
        return main is not None and main.verdict != "unclear"

    @property
    def launched_for(self) -> str:
        """The quantity that further launches are for: the first, or then the memory."""
        return "memory" if self.is_clear else self.quantities[0]

    def observed(self, what: str, launches: int | None = None) -> Observed:
        """Return what the first launches, or all of them, tell of a quantity."""
        chosen = self.launches[:launches]
        logs = [launch.log_ratio(what) for launch in chosen]
        if what != "time":
            return alike(logs)
        return weighted(logs, [launch.standard_error for launch in chosen])


class Run:
    """The cells of one comparison: what is known of one helps to judge the others.

    Attributes
    ----------
    cells : list of LaunchedCell
        The cells, in the order in which they are shown.
    """

    def __init__(self, cells: Sequence[LaunchedCell]) -> None:
        self.cells = list(cells)
        self._common: dict[str, Spread | None] = {}

    def add(self, each: LaunchedCell, launch: Launch) -> None:
        """Append a launch to a cell, and judge the cell where it has a look then."""
        each.launches.append(launch)
        self._common.clear()
        if each.ended is None and each.has_ratios and len(each.launches) in LOOKS:
            for what in each.quantities:
                self._judge(each, what, len(each.launches))

    def spread(self, each: LaunchedCell, what: str) -> Spread:
        """Return how far the launches of a cell spread in a quantity."""
        return moderated_spread(each.observed(what), self._common_spread(what))

    def needed(self, each: LaunchedCell, what: str) -> int | None:
        """Return after how many launches a quantity has a verdict; None if no look will do it."""
        if len(each.launches) < LOOKS[0]:
            return LOOKS[0]
        count = self._count_equal(what, each)
        return launches_needed(each.observed(what), self.spread(each, what), count, each.threshold)

    def more_seconds(self, each: LaunchedCell, what: str) -> float:
        """Return the seconds until a quantity has a verdict; infinite if no look will do it."""
        needed = self.needed(each, what)
        return math.inf if needed is None else (needed - len(each.launches)) * each.launch_s

    def _judge(self, each: LaunchedCell, what: str, look: int) -> None:
        """Judge a cell by its launches up to a look, and then those that this leaves less doubt."""
        known = each.judged.get(what)
        if known is not None and known.verdict != "unclear":
            return
        observed = each.observed(what, look)
        spread = moderated_spread(observed, self._common_spread(what))
        count = self._count_equal(what, each)
        each.judged[what] = Judgement(
            *judge_launches(observed, spread, count, each.threshold), look
        )
        if each.judged[what].verdict in CHANGED:
            for other in self.cells:
                if what in other.judged:
                    self._judge(other, what, other.judged[what].launches)

    def _count_equal(self, what: str, own: LaunchedCell) -> int:
        """Return how many cells may be equal, a cell among them."""
        others = (each for each in self.cells if each is not own)
        return 1 + sum(not _has_changed(each, what) for each in others)

    def _common_spread(self, what: str) -> Spread | None:
        """Return what the spreads of all cells have in common, by all launches so far."""
        if what not in self._common:
            usable = (each for each in self.cells if not each.ended and each.has_ratios)
            observed = [each.observed(what) for each in usable if what in each.quantities]
            self._common[what] = common_spread(observed)
        return self._common[what]


def _has_changed(each: LaunchedCell, what: str) -> bool:
    return what in each.judged and each.judged[what].verdict in CHANGED
