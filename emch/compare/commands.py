"""Two shell commands, run in turn in pairs: the time, the CPU and the peak memory of each."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from emch.compare.conditions import Conditions
from emch.compare.launch import NAMES, Launch
from emch.compare.launched import LaunchedCell, Run
from emch.compare.schedule import Plan
from emch.errors import ChildHung, InvalidInput
from emch.measure.process import THIN_PARENT, Account, how_it_ended
from emch.tracking.results import Cell

NAME = "B beside A"
SHELL = "/bin/sh"
LEAST_USER_S = 0.01
"""User time below this is the shell's own, and its ratio says nothing of the commands."""


@dataclass(frozen=True)
class CommandSide:
    """One side of a comparison.

    Attributes
    ----------
    command : str
        What a shell runs.
    folder : Path
        Where it runs.
    prepare : str or None
        What a shell runs there before it, each time, untimed.
    """

    command: str
    folder: Path
    prepare: str | None


@dataclass(frozen=True, kw_only=True)
class CommandLaunch(Launch):
    """A run of both commands; the time is that of the whole process, and there is no load.

    Attributes
    ----------
    user_s : sequence of float
        The seconds in user mode, of A and of B with all that they started and waited for.
    """

    user_s: Sequence[float] = ()

    @property
    def quantities(self) -> Sequence[str]:
        """See `Launch.quantities`."""
        told = min(self.user_s, default=0.0) >= LEAST_USER_S
        return ("time", "user", "memory") if told else ("time", "memory")

    def values(self, what: str) -> Sequence[float]:
        """Return the values of a quantity (time, user or memory) for A and B."""
        return self.user_s if what == "user" else super().values(what)


@dataclass(frozen=True)
class Ran:
    """A command that has ended: its account, its status, and the last line of its stderr."""

    account: Account
    status: int
    said: str

    @property
    def how(self) -> str:
        """How it ended, in words."""
        return f"it {how_it_ended(self.status)}{f': {self.said}' if self.said else ''}"


def measure_commands(sides: Sequence[CommandSide], plan: Plan, timeout_s: float) -> Iterator[Run]:
    """Run pairs until there is a verdict or the budget allows no more; yield after each.

    Raises
    ------
    InvalidInput
        Both commands fail with one status, or what prepares one does.
    ChildHung
        A command, or what prepares it, takes longer than `timeout_s`.
    """
    found = LaunchedCell(Cell(NAME, ()), plan.threshold)
    run = Run([found])
    drawn = random.randrange(2)  # noqa: S311 - an order, not a secret
    left = plan.budget_s
    while not found.settled and left > 0:
        first = NAMES[(drawn + len(found.launches)) % 2]  # the sides take turns at being first
        before, start = Conditions.now(), time.perf_counter()
        launch = _launch(sides, first, timeout_s)
        seconds, said = time.perf_counter() - start, Conditions.now().since(before)
        run.add(found, replace(launch, seconds=seconds, conditions=said))
        left -= seconds
        yield run


def _launch(sides: Sequence[CommandSide], first: str, timeout_s: float) -> CommandLaunch:
    ran = {}
    for name in sorted(NAMES, reverse=first == "B"):
        side = sides[NAMES.index(name)]
        if side.prepare is not None:
            prepared = _run(side.prepare, side.folder, timeout_s)
            if prepared.status:
                raise InvalidInput(f"--prepare '{side.prepare}' of {name}: {prepared.how}")
        ran[name] = _run(side.command, side.folder, timeout_s)
    statuses = {each.status for each in ran.values()}
    if len(statuses) > 1:
        # The one that fails is at fault; of two failures in two ways it is B, the newer one.
        at_fault = "A" if not ran["B"].status else "B"
        return CommandLaunch(failed={at_fault: f"{at_fault}: {ran[at_fault].how}"})
    if statuses != {0}:
        raise InvalidInput(f"both commands fail; of A {ran['A'].how}")
    accounts = [ran[name].account for name in NAMES]
    walls = [account.wall_s for account in accounts]
    return CommandLaunch(
        call_s=walls,
        user_s=[account.user_s for account in accounts],
        peak_rss_bytes=[float(account.peak_rss_bytes) for account in accounts],
        answers=({}, {}),
    )


def _run(command: str, folder: Path, timeout_s: float) -> Ran:
    """Run a command in a shell, as the child of a thin parent; nothing of it is left behind."""
    with tempfile.TemporaryDirectory(prefix="emch-") as place:
        account, errors = Path(place) / "account.json", Path(place) / "stderr.txt"
        with errors.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(THIN_PARENT), str(account), SHELL, "-c", command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise ChildHung(
                f"'{command}' took longer than {timeout_s:g} s: raise --timeout, or mend it"
            ) from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        said = errors.read_text(encoding="utf-8", errors="replace").strip()
        found = json.loads(account.read_text(encoding="utf-8"))
    status = found.pop("status")
    return Ran(Account(**found), status, said.splitlines()[-1] if said else "")
