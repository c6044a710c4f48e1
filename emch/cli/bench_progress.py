"""How far a benchmark has come, on stderr, with the time that is left."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn

from emch.bench.alternate import REWARM
from emch.bench.plan import Plan
from emch.cli.console import progress


class Silent:
    """Tells nobody."""

    def stage(self, what: str) -> None:
        """See `Told.stage`."""

    def passed(self, seconds: float) -> None:
        """See `Told.passed`."""

    def tick(self) -> None:
        """See `Told.tick`."""


class Bar:
    """A bar of the planned seconds; what has no plan, such as loading, leaves it where it is."""

    def __init__(self, shown: Progress, seconds: float) -> None:
        self._shown = shown
        self._seconds = seconds
        self._over = 0.0
        self._since = time.monotonic()
        self._task = shown.add_task("", total=seconds, left="")

    def stage(self, what: str) -> None:
        """Show what is done, and count from here on."""
        self._since = time.monotonic()
        self._shown.update(self._task, description=what)
        self._show(self._over)

    def passed(self, seconds: float) -> None:
        """Add what was planned for a slice that is done."""
        self._over += seconds
        self._show(self._over)

    def tick(self) -> None:
        """Show the seconds of the slice that runs."""
        self._show(self._over + time.monotonic() - self._since)

    def _show(self, seconds: float) -> None:
        done = min(seconds, self._seconds)
        left = f"{self._seconds - done:.0f} s left"
        self._shown.update(self._task, completed=done, left=left, refresh=True)


def planned_s(plan: Plan) -> float:
    """Return how long all cases are warmed up and measured."""
    warm_s = plan.warmup_s * (1 + REWARM * (plan.rounds - 1))
    measured_s = 0.0 if plan.iterations else plan.seconds
    return len(plan.cases) * (warm_s + measured_s)


@contextmanager
def following(plan: Plan, *, quiet: bool) -> Iterator[Silent | Bar]:
    """Yield what is told of the progress; it shows nothing where stderr is no terminal."""
    if quiet or progress.quiet:
        yield Silent()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]}"))
    # A thread that draws would take time from the engines: it is drawn when something is told.
    with Progress(*columns, console=progress, transient=True, auto_refresh=False) as shown:
        yield Bar(shown, planned_s(plan))
