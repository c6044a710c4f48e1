"""How well the load generator keeps its plan, and what it costs.

    python -m evaluation.generator

Requests go to stubs, so that all that shows is the generator's own: the lateness and the CPU time
at several rates; the waits in a queue that theory knows (M/D/1); and the same load by MLPerf
LoadGen, round by round in alternation. It takes about seven minutes.
"""

import itertools
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emch.scenarios.arrivals import Arrivals
from emch.scenarios.closed_loop import sync
from emch.scenarios.goodput import Bound
from emch.scenarios.limits import Limits
from emch.scenarios.loadgen import run_loadgen
from emch.scenarios.outcome import Outcome, Seconds
from emch.scenarios.server import Server, prompt_starts, sendable_rate, server

RATES = {1: 40.0, 10: 20.0, 100: 20.0, 1_000: 20.0, 5_000: 20.0}
"""Requests per second, and for how many seconds."""

STREAMS = (1, 2)
SERVICE_S = 0.002
LOADS = (0.5, 0.8, 0.95)
LOAD_S = 40.0
ROUNDS = 5
ROUND_S = 5.0
ROUND_RATE = 200.0


@dataclass(frozen=True)
class Stub:
    """A target that sleeps for a fixed time, or returns at once."""

    streams: int
    service_s: float = 0.0

    def serve(self, stream: int, requests: Sequence[int]) -> None:  # noqa: ARG002 - the contract
        """Sleep."""
        if self.service_s:
            time.sleep(self.service_s)


def main() -> None:
    """Print the three tables."""
    print(f"load average at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs\n")
    print_rates()
    print_queue()
    print_beside_loadgen()
    print(f"load average at the end: {os.getloadavg()[0]:.1f}")


def print_rates() -> None:
    """Print a line for each number of streams and rate, on a stub that takes no time."""
    print("a stub that takes no time; lateness in microseconds, CPU in percent of one core")
    print(
        f"{'streams':>7} {'offered/s':>10} {'achieved/s':>10} {'requests':>9} {'median':>7} "
        f"{'p99':>7} {'max':>7} {'late':>8} {'CPU':>6} {'us/request':>11}"
    )
    for streams, (rate, seconds) in itertools.product(STREAMS, RATES.items()):
        found = server(Stub(streams), Limits.by_seconds(seconds), Arrivals(rate=float(rate)))
        late_us = found.lateness_s * 1e6
        cpu_s = found.generator_cpu_s or 0.0
        print(
            f"{streams:7} {rate:10,} {found.achieved_rate:10,.1f} {found.requests:9,} "
            f"{np.median(late_us):7.0f} {np.percentile(late_us, 99):7.0f} {late_us.max():7.0f} "
            f"{found.late_share:8.2%} {cpu_s / found.elapsed_s:6.1%} "
            f"{cpu_s / found.requests * 1e6:11.0f}",
            flush=True,
        )
    rates = ", ".join(f"{sendable_rate(streams):,.0f} on {streams}" for streams in STREAMS)
    print(f"the most that it sends, in requests per second by streams: {rates}\n")


def print_queue() -> None:
    """Print the mean wait before a stub of fixed service time, measured and by theory."""
    print(f"one stub that sleeps for {SERVICE_S * 1e3:g} ms; mean waits in milliseconds")
    print(
        f"{'load':>5} {'requests':>9} {'service':>8} {'server':>8} {'ideal':>8} {'formula':>8} "
        f"{'closed loop':>12}"
    )
    service_s = float(sync(Stub(1, SERVICE_S), Limits.by_seconds(2)).latencies_s.mean())
    for load in LOADS:
        found = server(
            Stub(1, SERVICE_S), Limits.by_seconds(LOAD_S), Arrivals(rate=load / service_s)
        )
        closed = sync(Stub(1, SERVICE_S), Limits.by_seconds(2))
        print(
            f"{load:5.0%} {found.requests:9,} {found.mean_service_s * 1e3:8.3f} "
            f"{found.waits_s.mean() * 1e3:8.3f} {ideal_waits_s(found).mean() * 1e3:8.3f} "
            f"{formula_s(found) * 1e3:8.3f} {closed.waits_s.mean() * 1e3:12.3f}",
            flush=True,
        )
    print()


def ideal_waits_s(found: Outcome) -> Seconds:
    """Return the waits that the same arrivals and services have with an ideal generator."""
    services = found.ended_s - found.started_s
    return prompt_starts(found.planned_s, services, found.streams) - found.planned_s


def formula_s(found: Outcome) -> float:
    """Return the mean wait by Pollaczek and Khinchine: that of M/D/1, if no service varies.

    It is load x service x (1 + the squared coefficient of variation) / (2 x (1 - load)).
    """
    services = found.ended_s - found.started_s
    mean = services.mean()
    load = found.requests / found.planned_s[-1] * mean
    varies = services.var() / mean**2
    return float(load * mean * (1 + varies) / (2 * (1 - load)))


def print_beside_loadgen() -> None:
    """Print latencies by `server` and by MLPerf LoadGen, in alternation."""
    limits, bound = Limits.by_seconds(ROUND_S), Bound.parse("p99:100ms")
    print(
        f"two streams that sleep for {SERVICE_S * 1e3:g} ms, {ROUND_RATE:g} requests/s; latency in "
        "milliseconds"
    )
    print(f"{'round':>5} {'':>8} {'requests':>9} {'mean':>7} {'p50':>7} {'p99':>7}  verdict")
    for number in range(ROUNDS):
        scenario = Server(request_rate=ROUND_RATE, seed=number)
        own = scenario.run(Stub(2, SERVICE_S), limits)
        mean, p50, p99 = own.latencies_s.mean(), *np.percentile(own.latencies_s, [50, 99])
        print_round(number, "server", own.requests, [mean, p50, p99])
        with tempfile.TemporaryDirectory() as folder:
            found = run_loadgen(Stub(2, SERVICE_S), scenario, limits, bound, Path(folder))
        names = ("mean", "50.00_percentile", "99.00_percentile")
        values = [found.results[f"result_{name}_latency_ns"] / 1e9 for name in names]
        verdict = "VALID" if found.valid else f"INVALID: {found.reason}"
        print_round(number, "LoadGen", found.results["result_query_count"], values, verdict)
    print()


def print_round(
    number: int, who: str, requests: int, values: Sequence[float], verdict: str = ""
) -> None:
    """Print one line of a round."""
    shown = " ".join(f"{value * 1e3:7.3f}" for value in values)
    print(f"{number + 1:5} {who:>8} {requests:9,} {shown}  {verdict}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
