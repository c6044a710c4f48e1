"""A cell with its launches so far, and what they allow to be said of each quantity."""

import math
from dataclasses import dataclass, field

from emch.compare.pair import LAUNCH_S, Launch
from emch.compare.statistics import LOOKS, Interval, next_look, verdict
from emch.compare.verdicts import Word
from emch.tracking.results import Cell


@dataclass(frozen=True)
class Judged:
    """The verdict on a quantity, the interval it is from, and how many launches that is from."""

    word: Word
    interval: Interval
    launches: int


@dataclass
class Measured:
    """A cell with its launches so far.

    Attributes
    ----------
    cell : Cell
        Which.
    launches : list of Launch
        In order.
    """

    cell: Cell
    launches: list[Launch] = field(default_factory=list)

    @property
    def ended(self) -> Launch | None:
        """The launch in which a side failed, or said that the cell is not for this machine."""
        return next((each for each in self.launches if each.failed or each.skipped), None)

    @property
    def seconds(self) -> float:
        """What its launches have taken."""
        return sum(launch.seconds for launch in self.launches)

    @property
    def launch_s(self) -> float:
        """What a launch of it takes, the mean; a guess from below where there was none yet."""
        return self.seconds / len(self.launches) if self.launches else LAUNCH_S

    @property
    def next_look_s(self) -> float:
        """How long its launches up to the next look will take; endless after the last."""
        look = next_look(len(self.launches))
        return math.inf if look is None else (look - len(self.launches)) * self.launch_s

    def judged(self, what: str, cells: int, threshold: float) -> Judged | None:
        """Return the first clear verdict on a quantity, or the latest; None before the first look.

        Parameters
        ----------
        what : {"time", "memory", "load"}
            The quantity.
        cells : int
            How many cells the run has.
        threshold : float
            The change that does not matter, such as 0.03.
        """
        found = None
        logs = [launch.log_ratio(what) for launch in self.launches]
        for look in (look for look in LOOKS if look <= len(logs)):
            found = Judged(*verdict(logs[:look], cells, threshold), look)
            if found.word != "unclear":
                break
        return found

    def settled(self, cells: int, threshold: float) -> bool:
        """Say whether more launches are for nothing.

        They are for the time, and for a memory that seems to have changed. An engine may take one
        of two amounts by chance, and loading takes any time: to show that these are the same can
        cost more launches than all else.
        """
        if self.ended or next_look(len(self.launches)) is None:
            return True
        time, memory = (self.judged(what, cells, threshold) for what in ("time", "memory"))
        if time is None or memory is None or time.word == "unclear":
            return False
        seems_same = abs(math.log(memory.interval.ratio)) <= math.log1p(threshold)
        return memory.word != "unclear" or seems_same
