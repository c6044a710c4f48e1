"""`server` and `offline` by MLPerf LoadGen, with its own verdict.

LoadGen sends, times and judges; here is what serves. Its threads end the process where a callback
raises, so a failure is kept until it is done.
"""

import time
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from emch.errors import InvalidInput, Unavailable
from emch.scenarios.goodput import Bound
from emch.scenarios.ledger import Ledger, as_outcome
from emch.scenarios.limits import Limits
from emch.scenarios.loadgen_verdict import DETAIL, Verdict, read_verdict
from emch.scenarios.offline import Offline, offline
from emch.scenarios.outcome import Interrupted, Outcome
from emch.scenarios.server import Server
from emch.scenarios.target import Target
from emch.scenarios.worker import Worker

SAMPLES = 1024
"""Samples that LoadGen draws the numbers of requests from."""

TRIAL_S = 1.0
MARGIN = 1.5
"""By how much the rate that `offline` is told to expect exceeds the one of a trial: if it is below
the true one, the run is too short for LoadGen."""

TRIES = 3
"""How often `offline` is run at most: again where the run was faster than its trial, and so too
short."""


def run_loadgen(
    target: Target, scenario: Server | Offline, limits: Limits, bound: Bound, folder: Path
) -> Verdict:
    """Let LoadGen put its load on a target.

    Parameters
    ----------
    target : Target
        What serves. It is given LoadGen's numbers of samples.
    scenario : Server or Offline
        Of the server the rate and the seed count: LoadGen's arrivals are `poisson`.
    limits : Limits
        Its minima are LoadGen's; its maximum counts for `server`.
    bound : Bound
        What the latency of the server is judged by.
    folder : Path
        Where the logs go; it is made if it is not there, and logs that are there are replaced.

    Raises
    ------
    Unavailable
        LoadGen is not installed.
    InvalidInput
        The folder cannot be written to, or the arrivals are not LoadGen's.
    Interrupted
        Ctrl-C came. LoadGen cannot be stopped, so it comes when it has sent what it wanted to,
        and no further request is served until then.
    Exception
        What a request raised first.
    """
    require_loadgen()
    if isinstance(scenario, Server) and scenario.arrivals.kind != "poisson":
        raise InvalidInput(
            f"LoadGen's arrivals are 'poisson', and not '{scenario.arrival}': leave --arrival out"
        )
    _require_folder(folder)
    settings = _settings(scenario, limits, bound)
    if isinstance(scenario, Server):
        return read_verdict(folder, _System(target).run(settings, folder))
    expected = offline(target, Limits.by_seconds(TRIAL_S)).achieved_rate
    for _ in range(TRIES):
        settings.offline_expected_qps = MARGIN * expected
        verdict = read_verdict(folder, _System(target).run(settings, folder))
        if verdict.outcome.elapsed_s >= limits.min_seconds:
            break
        expected = verdict.outcome.achieved_rate
    return verdict


def require_loadgen() -> None:
    """Raise Unavailable where LoadGen is not installed, without importing it."""
    if find_spec("mlperf_loadgen") is None:
        raise Unavailable("MLPerf LoadGen is not installed: pip install 'emch[loadgen]'")


def _require_folder(folder: Path) -> None:
    """Refuse a folder that cannot be written to: LoadGen would end the process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DETAIL).write_text("")
    except OSError as error:
        raise InvalidInput(f"LoadGen's logs cannot be written to {folder}: {error}") from error


def _settings(scenario: Server | Offline, limits: Limits, bound: Bound) -> Any:
    import mlperf_loadgen

    settings = mlperf_loadgen.TestSettings()
    settings.mode = mlperf_loadgen.TestMode.PerformanceOnly
    settings.min_duration_ms = round(limits.min_seconds * 1e3)
    settings.min_query_count = max(limits.min_calls, 1)
    if isinstance(scenario, Server):
        settings.scenario = mlperf_loadgen.TestScenario.Server
        settings.server_target_qps = scenario.request_rate
        settings.server_target_latency_ns = round(bound.seconds * 1e9)
        settings.server_target_latency_percentile = bound.percent / 100
        if limits.max_seconds < 1e9:
            settings.max_duration_ms = round(limits.max_seconds * 1e3)
        for seed in ("qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed"):
            setattr(settings, seed, scenario.seed)
    else:
        settings.scenario = mlperf_loadgen.TestScenario.Offline
    return settings


class _System:
    """What LoadGen calls the system under test: a queue before the streams of a target."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._queue: SimpleQueue[tuple[int, int, int, float] | None] = SimpleQueue()
        self._requests = count()
        self._ledgers = [Ledger() for _ in range(target.streams)]
        self._failure: BaseException | None = None
        self._start = time.perf_counter()

    def run(self, settings: Any, folder: Path) -> Outcome:
        """Run the test to its end."""
        streams = [
            Worker(partial(self._serve, stream, ledger))
            for stream, ledger in enumerate(self._ledgers)
        ]
        # In a thread of its own, so that Ctrl-C comes to this one and not into a callback.
        test = Worker(partial(self._test, settings, folder))
        try:
            for worker in (*streams, test):
                worker.start()
            test.wait()
        except KeyboardInterrupt as interrupt:
            self._failure = interrupt
            test.wait()
        for _ in streams:
            self._queue.put(None)
        for worker in streams:
            worker.wait()
        outcome = as_outcome(self._ledgers)
        if isinstance(self._failure, KeyboardInterrupt):
            raise Interrupted(outcome)
        if self._failure:
            raise self._failure
        return outcome

    def _test(self, settings: Any, folder: Path) -> None:
        import mlperf_loadgen as loadgen

        output = loadgen.LogOutputSettings()
        output.outdir = str(folder)
        output.copy_summary_to_stdout = False
        logs = loadgen.LogSettings()
        logs.log_output = output
        logs.enable_trace = False
        system = loadgen.ConstructSUT(self._issue, lambda: None)
        samples = loadgen.ConstructQSL(SAMPLES, SAMPLES, lambda _: None, lambda _: None)
        self._start = time.perf_counter()
        # It would read settings from a file audit.config in the working folder.
        none = str(folder / "no-audit.config")
        loadgen.StartTestWithLogSettings(system, samples, settings, logs, none)
        loadgen.DestroyQSL(samples)
        loadgen.DestroySUT(system)

    def _issue(self, samples: Sequence[Any]) -> None:
        now = time.perf_counter() - self._start
        for sample in samples:
            self._queue.put((next(self._requests), sample.id, sample.index, now))

    def _serve(self, stream: int, ledger: Ledger) -> None:
        import mlperf_loadgen as loadgen

        while query := self._queue.get():
            request, identity, sample, issued = query
            if self._failure is None:
                try:
                    started = time.perf_counter() - self._start
                    self._target.serve(stream, (sample,))
                    ended = time.perf_counter() - self._start
                    ledger.add((request, issued, issued, started, ended, 1))
                except BaseException as error:  # noqa: BLE001 - raised again when LoadGen is done
                    self._failure = error
            # Every request needs an answer, or LoadGen would wait for ever.
            loadgen.QuerySamplesComplete([loadgen.QuerySampleResponse(identity, 0, 0)])
