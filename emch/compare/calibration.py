"""How much identical code differs from itself on this machine: an A/A comparison, kept."""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, stdev

from emch.cache import building, cache_dir, locked
from emch.compare.conditions import Conditions
from emch.compare.launch import NAMES
from emch.compare.observed import Spread
from emch.compare.pair import launch_pair
from emch.compare.sides import Side
from emch.compare.statistics import LOOKS, smallest_effect
from emch.tracking.results import Cell

LAUNCHES = 9
FOLDER, FILE = "noise", "noise.json"


@dataclass(frozen=True)
class Noise:
    """What a calibration found.

    Attributes
    ----------
    created : str
        The time of the calibration, in ISO 8601 and UTC.
    sd : dict of str to float
        Standard deviation between launches of the logarithm of the ratio, by cell.
    launch_s : float
        Median seconds of a launch.
    conditions : list of str
        What disturbed the calibration.
    """

    created: str
    sd: dict[str, float]
    launch_s: float
    conditions: list[str]

    def can_find(self, budget_s: float, cell_count: int) -> float | None:
        """Return the smallest change that a budget finds in every cell; None if it finds none."""
        looks = [look for look in LOOKS if look * cell_count * self.launch_s <= budget_s]
        if not looks:
            return None
        spread = Spread(median(self.sd.values()), looks[-1] - 1)
        return smallest_effect(spread, looks[-1], cell_count)


def calibrate(side: Side, cells: Sequence[Cell], say: Callable[[str], None]) -> Noise:
    """Compare a side with itself; `say` is told before each launch which one it is."""
    logs: dict[str, list[float]] = {cell.name: [] for cell in cells}
    seconds, before = [], Conditions.now()
    with tempfile.TemporaryDirectory(prefix="emch-") as kept:
        for launched in range(LAUNCHES):
            for cell in cells:
                say(f"launch {launched + 1} of {LAUNCHES}, {cell.name}")
                start = time.perf_counter()
                launch = launch_pair((side, side), cell, NAMES[launched % 2], Path(kept))
                seconds.append(time.perf_counter() - start)
                if launch.quadruples:
                    logs[cell.name].append(launch.log_ratio("time"))
    sd = {name: stdev(found) for name, found in logs.items() if len(found) > 1}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Noise(now, sd, median(seconds), Conditions.now().since(before))


def write_noise(noise: Noise) -> None:
    """Write a calibration to the cache, in place of the one before."""
    with locked(cache_dir()), building(cache_dir() / FOLDER) as folder:
        (folder / FILE).write_text(json.dumps(asdict(noise)), encoding="utf-8")


def read_noise() -> Noise | None:
    """Return the calibration in the cache; None if there is none."""
    path = cache_dir() / FOLDER / FILE
    return Noise(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None
