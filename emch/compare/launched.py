"""A cell with its launches so far, and the judgement on each quantity that they allow."""

import math
from dataclasses import dataclass, field

from emch.compare.pair import LAUNCH_S, Launch
from emch.compare.statistics import LOOKS, Interval, judge_launches, next_look
from emch.compare.verdicts import Verdict
from emch.tracking.results import Cell


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
    launches : list of Launch
        Its launches, in the order in which they were made.
    """

    cell: Cell
    launches: list[Launch] = field(default_factory=list)

    @property
    def ended(self) -> Launch | None:
        """The launch in which a side failed, or said that the cell is not for this machine."""
        return next((each for each in self.launches if each.failed or each.skipped), None)

    @property
    def seconds(self) -> float:
        """The seconds that its launches have taken."""
        return sum(launch.seconds for launch in self.launches)

    @property
    def launch_s(self) -> float:
        """The mean seconds of a launch; before the first one the least that it can take."""
        return self.seconds / len(self.launches) if self.launches else LAUNCH_S

    @property
    def next_look_s(self) -> float:
        """The seconds that its launches up to the next look will take; infinite after the last."""
        look = next_look(len(self.launches))
        return math.inf if look is None else (look - len(self.launches)) * self.launch_s

    def judge(self, what: str, cell_count: int, threshold: float) -> Judgement | None:
        """Return the first clear verdict on a quantity, or the latest; None before the first look.

        Parameters
        ----------
        what : {"time", "memory", "load"}
            The quantity.
        cell_count : int
            How many cells the run has.
        threshold : float
            The change that does not matter, such as 0.03.
        """
        found = None
        logs = [launch.log_ratio(what) for launch in self.launches]
        for look in (look for look in LOOKS if look <= len(logs)):
            found = Judgement(*judge_launches(logs[:look], cell_count, threshold), look)
            if found.verdict != "unclear":
                break
        return found

    def settled(self, cell_count: int, threshold: float) -> bool:
        """Say whether further launches would be of no use.

        Launches are made for the time, and for a memory that seems to have changed. An engine may
        take one of two amounts by chance, and the time of loading varies widely: to show that these
        are the same can cost more launches than all else.
        """
        if self.ended or next_look(len(self.launches)) is None:
            return True
        time, memory = (self.judge(what, cell_count, threshold) for what in ("time", "memory"))
        if time is None or memory is None or time.verdict == "unclear":
            return False
        seems_same = abs(math.log(memory.interval.ratio)) <= math.log1p(threshold)
        return memory.verdict != "unclear" or seems_same
