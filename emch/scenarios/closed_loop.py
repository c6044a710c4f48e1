"""Each stream sends its next request when its last one is answered: `sync` and `async`."""

from dataclasses import dataclass
from itertools import count
from typing import ClassVar

from emch.scenarios.clock import WALL, Clock
from emch.scenarios.ledger import Ledger
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Outcome
from emch.scenarios.run import Run, run_streams
from emch.scenarios.scenario import Scenario
from emch.scenarios.target import Target


def sync(target: Target, limits: Limits, *, clock: Clock = WALL) -> Outcome:
    """Send one request at a time, on one stream."""
    return _closed_loop(target, 1, limits, clock)


def concurrent(target: Target, limits: Limits, *, clock: Clock = WALL) -> Outcome:
    """Keep one request in flight on every stream."""
    return _closed_loop(target, target.streams, limits, clock)


def _closed_loop(target: Target, streams: int, limits: Limits, clock: Clock) -> Outcome:
    requests = count()  # shared: taking the next number is one step of the interpreter

    def work(run: Run, stream: int, ledger: Ledger) -> None:
        while not run.stopped:
            request = next(requests)
            started = run.now()
            if limits.reached(request, started):
                return
            target.serve(stream, (request,))
            ledger.add((request, started, started, started, run.now(), 1))

    return run_streams(streams, work, clock=clock)


@dataclass(frozen=True, kw_only=True)
class Sync(Scenario):
    """See `sync`."""

    name: ClassVar[str] = "sync"
    summary: ClassVar[str] = "One request at a time."

    def run(self, target: Target, limits: Limits) -> Outcome:
        """See `sync`."""
        return sync(target, limits)


@dataclass(frozen=True, kw_only=True)
class Concurrent(Scenario):
    """See `concurrent`."""

    name: ClassVar[str] = "async"
    summary: ClassVar[str] = "One request in flight on every stream."

    def run(self, target: Target, limits: Limits) -> Outcome:
        """See `concurrent`."""
        return concurrent(target, limits)
