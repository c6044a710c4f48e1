"""Energy that the processors used, where the machine tells: RAPL, by Linux's powercap."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

POWERCAP = Path("/sys/class/powercap")
"""Where Linux tells of it (kernel documentation, "Power Capping Framework"); AMD's CPUs too are in
zones that are named after Intel's RAPL. Tests give a folder of their own."""

PACKAGE, DRAM = "package", "dram"


@dataclass
class _Zone:
    """A counter of microjoules that starts again at 0 after its greatest value."""

    file: Path
    range_uj: int
    last_uj: int
    used_uj: int = 0

    def update(self) -> None:
        now = int(self.file.read_text())
        self.used_uj += (now - self.last_uj) % self.range_uj
        self.last_uj = now


class EnergyMeter:
    """Adds up what all processors and their memory use, from when it is made.

    It is the energy of the whole machine, of other processes too. A counter turns over after some
    minutes under full load (262,144 J is usual: 20 minutes at 200 W), which is seen where it is
    read at least once in that time.

    Parameters
    ----------
    root : Path
        The folder `/sys/class/powercap` or one like it.

    Raises
    ------
    OSError
        A counter cannot be read; see `why_no_energy`.
    """

    def __init__(self, root: Path = POWERCAP) -> None:
        self._zones = {
            kind: [_open(folder) for folder in _folders(root, kind)] for kind in (PACKAGE, DRAM)
        }

    def read(self) -> dict[str, float]:
        """Return the joules so far: of the `package`s, and of `dram` where that is counted apart.

        A package has several zones inside (`core`, `uncore`), which are part of it and left out.
        """
        for zone in (zone for zones in self._zones.values() for zone in zones):
            zone.update()
        return {
            kind: sum(zone.used_uj for zone in zones) / 1e6
            for kind, zones in self._zones.items()
            if zones
        }


def why_no_energy(root: Path = POWERCAP) -> str | None:
    """Say why the energy cannot be told here; None where it can."""
    folders = list(_folders(root, PACKAGE))
    if not folders:
        return f"the system counts no energy of processors (no package in {root})"
    for folder in (*folders, *_folders(root, DRAM)):
        try:
            _open(folder)
        except OSError as error:  # since Linux 5.10 for root alone: it tells what others compute
            return f"{folder / 'energy_uj'} cannot be read ({error.strerror}): sudo chmod a+r it"
    return None


def energy_meter(root: Path = POWERCAP) -> EnergyMeter | None:
    """Return a meter that starts now; None where the machine does not tell."""
    return None if why_no_energy(root) else EnergyMeter(root)


def _open(folder: Path) -> _Zone:
    file = folder / "energy_uj"
    return _Zone(file, int((folder / "max_energy_range_uj").read_text()), int(file.read_text()))


def _folders(root: Path, kind: str) -> Iterator[Path]:
    """Yield the zones of a kind: packages are on the first level, their memory on the second."""
    pattern = "intel-rapl:*:*" if kind == DRAM else "intel-rapl:*"
    for folder in sorted(root.glob(pattern)):
        if folder.name.count(":") == pattern.count(":") and _kind(folder) == kind:
            yield folder


def _kind(folder: Path) -> str:
    """Return `package` of package-0, package-1, ..., and otherwise the zone's own name."""
    file = folder / "name"
    name = file.read_text().strip() if file.is_file() else ""
    return PACKAGE if name.startswith(f"{PACKAGE}-") else name
