"""A cell with its launches so far, and what they allow to be said of each quantity."""

from dataclasses import dataclass, field

from emch.compare.pair import Launch
from emch.compare.processes import Cell
from emch.compare.statistics import LOOKS, Interval, verdict
from emch.compare.verdicts import Word

SETTLING = ("time", "memory")
"""What a cell is launched for; loading is too noisy to wait for, and is judged by the way."""


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
        """Say whether more launches are for nothing."""
        if self.ended or len(self.launches) >= LOOKS[-1]:
            return True
        judged = [self.judged(what, cells, threshold) for what in SETTLING]
        return all(each is not None and each.word != "unclear" for each in judged)
