"""One queue before all streams, and each call takes as many requests as wait there: `elastic`."""

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import ClassVar

from emch.errors import InvalidInput
from emch.scenarios.ledger import Ledger
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Outcome
from emch.scenarios.run import POLL_S, Run, run_streams
from emch.scenarios.scenario import Scenario
from emch.scenarios.target import Target

MOST = 8
DEADLINE_S = 0.002


def elastic(
    target: Target,
    limits: Limits,
    *,
    concurrency: int | None = None,
    most: int = MOST,
    deadline_s: float = DEADLINE_S,
) -> Outcome:
    """Let clients wait for answers from one queue, which is served in batches of changing size.

    A free stream takes what waits in the queue as one call: when there are `most` requests, or
    when the oldest has waited for `deadline_s`. A client sends its next request when its last one
    is answered.

    Parameters
    ----------
    target : Target
        What serves them.
    limits : Limits
        When the clients cease to send.
    concurrency : int, optional
        The clients; without it as many as fill a batch on every stream.
    most : int
        Requests that one call takes at most.
    deadline_s : float
        Seconds that a request waits at most for others to join it.
    """
    clients = target.streams * most if concurrency is None else concurrency
    queue = _Queue(limits, most, deadline_s)

    def work(run: Run, stream: int, ledger: Ledger) -> None:
        queue.open(run, clients)
        while batch := queue.take(run):
            started = run.now()
            target.serve(stream, [request for request, _ in batch])
            ended = run.now()
            for request, sent in batch:
                ledger.add((request, sent, sent, started, ended, len(batch)))
            queue.send(run, len(batch))

    return run_streams(target.streams, work)


class _Queue:
    """Requests that wait, with the moments when they were sent."""

    def __init__(self, limits: Limits, most: int, deadline_s: float) -> None:
        self._limits = limits
        self._most = most
        self._deadline_s = deadline_s
        self._waiting: deque[tuple[int, float]] = deque()
        self._changed = threading.Condition()
        self._sent = 0
        self._open = False
        self._closed = False

    def open(self, run: Run, clients: int) -> None:
        """Let every client send its first request; only the first stream that comes does it."""
        with self._changed:
            if not self._open:
                self._open = True
                self._send(run, clients)

    def send(self, run: Run, clients: int) -> None:
        """Let some clients send their next request, unless the limits are reached."""
        with self._changed:
            self._send(run, clients)

    def _send(self, run: Run, clients: int) -> None:
        now = run.now()
        for _ in range(clients):
            self._closed = self._closed or self._limits.reached(self._sent, now)
            if self._closed:
                break
            self._waiting.append((self._sent, now))
            self._sent += 1
        self._changed.notify_all()

    def take(self, run: Run) -> list[tuple[int, float]]:
        """Wait for a batch and take it; it is empty when there is none any more."""
        with self._changed:
            while not run.stopped:
                if not self._waiting and self._closed:
                    return []
                if self._waiting:
                    left = self._waiting[0][1] + self._deadline_s - run.now()
                    if len(self._waiting) >= self._most or self._closed or left <= 0:
                        size = min(len(self._waiting), self._most)
                        return [self._waiting.popleft() for _ in range(size)]
                    self._changed.wait(min(left, POLL_S))
                else:
                    self._changed.wait(POLL_S)
        return []


@dataclass(frozen=True, kw_only=True)
class Elastic(Scenario):
    """Dynamic batching.

    Attributes
    ----------
    concurrency : int or None
        The clients.
    most : int
        Requests in a call at most.
    deadline_ms : float
        Milliseconds that a request waits at most for others to join it.
    """

    name: ClassVar[str] = "elastic"
    summary: ClassVar[str] = "One queue, served in batches of as many requests as wait."

    concurrency: int | None = field(
        default=None,
        metadata={
            "help": "Clients that wait for answers (elastic).",
            "otherwise": "as many as fill a batch on every stream",
        },
    )
    most: int = field(default=MOST, metadata={"help": "Requests in a call at most (elastic)."})
    deadline_ms: float = field(
        default=DEADLINE_S * 1e3,
        metadata={"help": "Milliseconds a request waits for others at most (elastic)."},
    )

    def require_inputs(self, streams: int) -> None:
        """See `Scenario.require_inputs`."""
        if self.concurrency is not None and self.concurrency < streams:
            raise InvalidInput(
                f"a concurrency of {self.concurrency} cannot keep {streams} streams busy: give at "
                f"least {streams}"
            )

    def run(self, target: Target, limits: Limits) -> Outcome:
        """See `elastic`."""
        return elastic(
            target,
            limits,
            concurrency=self.concurrency,
            most=self.most,
            deadline_s=self.deadline_ms / 1e3,
        )
