"""All requests are there at the start: `offline`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import ClassVar

import numpy as np

from emch.errors import InvalidInput
from emch.scenarios.clock import WALL, Clock
from emch.scenarios.ledger import Ledger, as_outcome
from emch.scenarios.limits import MOST_REQUESTS, Limits
from emch.scenarios.outcome import Outcome
from emch.scenarios.run import Run, run_streams
from emch.scenarios.scenario import Scenario
from emch.scenarios.target import Target


def offline(
    target: Target, limits: Limits, *, requests: int | None = None, clock: Clock = WALL
) -> Outcome:
    """Serve requests that all arrive at the start, in their order.

    Parameters
    ----------
    target : Target
        What serves them.
    limits : Limits
        When to stop. Of a given number of requests the maximum of seconds counts alone, and what
        is left then remains unserved.
    requests : int, optional
        How many there are; without it as many as are served until the limits are reached.
    clock : Clock
        What tells the time.

    Raises
    ------
    InvalidInput
        There are more requests than can be kept.
    """
    if requests is not None and requests > MOST_REQUESTS:
        raise InvalidInput(
            f"{requests:,} requests are more than can be kept: give at most {MOST_REQUESTS:,}"
        )
    until = limits if requests is None else Limits(requests, 0.0, limits.max_seconds)
    numbers = count()

    def work(run: Run, stream: int, ledger: Ledger) -> None:
        while not run.stopped:
            request = next(numbers)
            started = run.now()
            if until.reached(request, started):
                return
            target.serve(stream, (request,))
            ledger.add((request, 0.0, 0.0, started, run.now(), 1))

    def settle(ledgers: Sequence[Ledger]) -> Outcome:
        return as_outcome(ledgers, planned_s=None if requests is None else np.zeros(requests))

    return run_streams(target.streams, work, settle=settle, clock=clock)


@dataclass(frozen=True, kw_only=True)
class Offline(Scenario):
    """All requests at once.

    Attributes
    ----------
    requests : int or None
        How many there are.
    """

    name: ClassVar[str] = "offline"
    summary: ClassVar[str] = "All requests are there at the start."

    requests: int | None = field(
        default=None,
        metadata={
            "help": "Requests that are there at the start (offline).",
            "otherwise": "as many as are served in the time",
        },
    )

    def run(self, target: Target, limits: Limits) -> Outcome:
        """See `offline`."""
        return offline(target, limits, requests=self.requests)
