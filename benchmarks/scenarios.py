"""Latency under load: requests of one sentence of 16 tokens, as each scenario sends them."""

from functools import partial

from emch.suite import Recorded, Task, UnderLoad, sampled, tracked

BACKENDS = [
    "pytorch",
    "pytorch-bf16",
    "onnxruntime",
    "onnxruntime-int8",
    "openvino",
    "openvino-bf16",
    "openvino-int8",
    "ctranslate2-int8",
    "deepsparse",
]
"""One of each engine and precision: a cell takes up to half a minute."""

requests = partial(UnderLoad, dataset="sentences-16", batch_size=1)


class _Latency(Recorded):
    """At least 459 requests, which a p99 needs, and 2 seconds, or 20 seconds."""

    track_latency = sampled("median_s", samples="call_s")
    track_p95 = tracked("p95_s")
    track_p99 = tracked("p99_s")
    track_achieved_rate = tracked("achieved_rate")


class Closed(_Latency):
    """Each request waits for the end of another one: the backend sets the pace.

    `sync` has one caller with all CPUs, `async` two callers with a session and a thread each, and
    `elastic` one session with all CPUs for 16 callers, whose requests it serves up to 8 at a time.
    """

    params = (BACKENDS, ["sync", "async", "elastic"])
    param_names = ("backend", "scenario")

    def cell(self, backend: str, scenario: str) -> tuple[Task, str, int | None]:
        if scenario == "async":
            return requests(scenario=scenario, callers=2), backend, 1
        if scenario == "elastic":
            task = requests(scenario=scenario, concurrency=16, most=8, deadline_ms=5.0)
            return task, backend, None
        return requests(scenario=scenario), backend, None


class Server(_Latency):
    """Requests arrive at a rate, by Poisson, at one session with all CPUs.

    A rate far above what the backend can serve is skipped.
    """

    params = (BACKENDS, [25, 50, 75, 100, 150, 200, 300, 400, 600])
    param_names = ("backend", "request_rate")

    def cell(self, backend: str, request_rate: int) -> tuple[Task, str, None]:
        return requests(scenario="server", request_rate=float(request_rate)), backend, None

    track_offered_rate = tracked("offered_rate")
    track_late_share = tracked("late_share")
