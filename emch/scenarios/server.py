"""Requests arrive when they do, whatever is still in work: `server`.

There is no thread that sends. The plan of arrivals is the queue: a stream that is free takes the
next request of the plan, waits for its moment if that is to come, and serves it. So requests are
served in their order as soon as a stream is free, as by one queue before all streams, and nothing
is lost on the way from a sender to a server. A request that finds all streams busy waits from its
planned moment on, and this wait counts (no coordinated omission: Tene, "How NOT to measure
latency", 2013).
"""

import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from heapq import heapreplace
from itertools import count
from typing import ClassVar

import numpy as np

from emch.errors import InvalidInput
from emch.scenarios.arrivals import KINDS, Arrivals
from emch.scenarios.clock import WALL, Clock, precise_sleep
from emch.scenarios.ledger import Ledger, as_outcome
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Interrupted, Outcome, Seconds
from emch.scenarios.run import Run, run_streams
from emch.scenarios.scenario import Scenario
from emch.scenarios.target import Target

DRAIN = 1.0
"""How long requests are served after the last arrival, in parts of the time of all arrivals."""

LEAST_DRAIN_S = 1.0

TRIAL_REQUESTS = 20_000
"""The requests that find out what the generator can send; they take about 0.1 s."""


def server(target: Target, limits: Limits, arrivals: Arrivals, *, clock: Clock = WALL) -> Outcome:
    """Send requests at the moments of a plan, and serve each as soon as a stream is free.

    Parameters
    ----------
    target : Target
        What serves them.
    limits : Limits
        When requests cease to arrive. What waits then is served for as long again, and what is
        left after that is cut off and remains unserved.
    arrivals : Arrivals
        The plan.
    clock : Clock
        What tells the time.
    """
    return serve_plan(target, arrivals.plan(limits), arrivals.rate, clock)


def serve_plan(target: Target, planned_s: Seconds, rate: float, clock: Clock = WALL) -> Outcome:
    """Serve requests that arrive at given moments; see `server`.

    A request's lateness is its start less the one that it would have had with a generator that
    takes no time: see `prompt_starts`.
    """
    moments = array("d", planned_s.tobytes())
    cut_off = moments[-1] + max(DRAIN * moments[-1], LEAST_DRAIN_S)
    requests = count()

    def work(run: Run, stream: int, ledger: Ledger) -> None:
        free = serving = 0.0
        began = time.thread_time()
        with precise_sleep():
            while (request := next(requests)) < len(moments):
                planned = moments[request]
                if free > cut_off or not run.wait_until(planned):
                    break
                before = time.thread_time()
                started = run.now()
                target.serve(stream, (request,))
                ended = run.now()
                serving += time.thread_time() - before
                ledger.add((request, planned, planned, started, ended, 1))
                free = ended
        ledger.generator_cpu_s = time.thread_time() - began - serving

    settle = partial(_settle, planned_s=planned_s, rate=rate)
    try:
        return run_streams(target.streams, work, settle=settle, clock=clock)
    except Interrupted as stop:
        raise Interrupted(stop.outcome.until(stop.outcome.elapsed_s)) from None


def _settle(ledgers: Sequence[Ledger], planned_s: Seconds, rate: float) -> Outcome:
    cpu_s = sum(ledger.generator_cpu_s for ledger in ledgers)
    found = as_outcome(ledgers, planned_s=planned_s, offered_rate=rate, generator_cpu_s=cpu_s)
    served = np.isfinite(found.ended_s)
    planned, started = planned_s[served], found.started_s[served]
    prompt = prompt_starts(planned, found.ended_s[served] - started, found.streams)
    sent = planned_s.copy()
    sent[served] += np.maximum(started - prompt, 0.0)
    return replace(found, sent_s=sent)


def prompt_starts(planned_s: Seconds, service_s: Seconds, streams: int) -> Seconds:
    """Return when requests would start if nothing but the streams delayed them.

    Each takes the stream that is free first, no earlier than its moment, and keeps it for as long
    as its call really took: the recursion of Kiefer and Wolfowitz for a queue before several
    servers ("On the theory of queues with many servers", 1955).

    Parameters
    ----------
    planned_s : ndarray of float64, shape [requests]
        Their moments, in order.
    service_s : ndarray of float64, shape [requests]
        How long the call of each took.
    streams : int
        How many calls there can be at once.
    """
    free = [0.0] * streams
    starts = np.empty(len(planned_s))
    for request, (planned, service) in enumerate(zip(planned_s, service_s, strict=True)):
        starts[request] = start = max(planned, free[0])
        heapreplace(free, start + service)
    return starts


def sendable_rate(streams: int) -> float:
    """Return the requests per second that the generator sends to a target that takes no time."""
    return serve_plan(_Idle(streams), np.zeros(TRIAL_REQUESTS), 0.0).achieved_rate


@dataclass(frozen=True)
class _Idle:
    """A target that does nothing."""

    streams: int

    def serve(self, stream: int, requests: Sequence[int]) -> None:
        """Return at once."""


@dataclass(frozen=True, kw_only=True)
class Server(Scenario):
    """Requests that arrive at a rate.

    Attributes
    ----------
    request_rate : float
        Requests per second.
    arrival, burstiness, seed
        See `Arrivals`.
    """

    name: ClassVar[str] = "server"
    summary: ClassVar[str] = "Requests arrive at a rate, whether or not earlier ones are served."

    request_rate: float = field(metadata={"default": None, "help": "Requests per second (server)."})
    arrival: str = field(
        default="poisson", metadata={"choices": KINDS, "help": "How the gaps are distributed."}
    )
    burstiness: float = field(
        default=1.0,
        metadata={"help": "Shape of the gaps of 'gamma': 1 is poisson, less has more bursts."},
    )
    seed: int = 0

    @property
    def arrivals(self) -> Arrivals:
        """The plan of arrivals."""
        return Arrivals(
            rate=self.request_rate, kind=self.arrival, burstiness=self.burstiness, seed=self.seed
        )

    def require_inputs(self, streams: int) -> None:
        """Refuse a rate that the generator itself cannot send; see `Scenario.require_inputs`."""
        rate, most = self.arrivals.rate, sendable_rate(streams)
        if rate > most:
            raise InvalidInput(
                f"{rate:,.0f} requests per second are more than this machine can send even to a "
                f"network that takes no time ({most:,.0f} per second): give a lower rate"
            )

    def run(self, target: Target, limits: Limits) -> Outcome:
        """See `server`."""
        return server(target, limits, self.arrivals)
