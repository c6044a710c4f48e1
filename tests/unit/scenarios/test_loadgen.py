"""MLPerf LoadGen puts its load on a target, and its verdict is read.

LoadGen can end the process that it runs in, so what runs it here runs alone.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from importlib import util
from itertools import count
from pathlib import Path

import pytest

from emch.errors import InvalidInput, Unavailable
from emch.scenarios.goodput import Bound
from emch.scenarios.limits import Limits
from emch.scenarios.loadgen import SAMPLES, run_loadgen
from emch.scenarios.loadgen_verdict import DETAIL, Verdict
from emch.scenarios.offline import Offline
from emch.scenarios.outcome import Interrupted
from emch.scenarios.server import Server
from tests.alone import alone
from tests.unit.scenarios.simulated import SleepingTarget

BOUND = Bound.parse("p99:250ms")


def serve(folder: Path, target: SleepingTarget, rate: float = 400.0) -> Verdict:
    return run_loadgen(target, Server(request_rate=rate), Limits(459, 1.0, 20.0), BOUND, folder)


@alone
def test_server_that_keeps_the_bound_is_valid(tmp_path: Path) -> None:
    target = SleepingTarget(2, 0.001)
    verdict = serve(tmp_path / "logs", target)
    assert verdict.valid
    assert verdict.reason == ""
    assert verdict.early_stopping == "Run successful."
    outcome = verdict.outcome
    assert outcome.served == verdict.results["result_query_count"] == len(target.requests) >= 459
    # LoadGen counts from the planned moment and up to when it is told, and we in between.
    assert outcome.latencies_s.mean() <= verdict.results["result_mean_latency_ns"] / 1e9
    assert max(target.requests) < SAMPLES
    assert min(outcome.balance) > 0.1


@alone
def test_logs_are_kept(tmp_path: Path) -> None:
    verdict = serve(tmp_path, SleepingTarget(1))
    assert verdict.folder == str(tmp_path)
    assert "Result is : VALID" in (tmp_path / "mlperf_log_summary.txt").read_text()
    assert verdict.version in (tmp_path / DETAIL).read_text()


@alone
def test_overloaded_server_is_invalid_and_says_what_it_lacks(tmp_path: Path) -> None:
    bound = Bound.parse("p99:1ms")
    target = SleepingTarget(1, 0.004)
    scenario = Server(request_rate=400.0)
    verdict = run_loadgen(target, scenario, Limits(459, 1.0, 20.0), bound, tmp_path)
    assert not verdict.valid
    assert verdict.reason == "Reduce target QPS to improve latency."
    assert "more queries" in verdict.early_stopping


@alone
def test_run_that_is_too_short_for_the_percentile_is_invalid(tmp_path: Path) -> None:
    scenario = Server(request_rate=100.0)
    verdict = run_loadgen(SleepingTarget(1), scenario, Limits.by_seconds(1.0), BOUND, tmp_path)
    assert not verdict.valid
    assert "Processed" in verdict.early_stopping


@alone
def test_offline_gives_the_rate(tmp_path: Path) -> None:
    target = SleepingTarget(2, 0.002)
    verdict = run_loadgen(target, Offline(), Limits.by_seconds(1.0), BOUND, tmp_path)
    assert verdict.valid
    assert verdict.results["result_samples_per_second"] == pytest.approx(
        verdict.outcome.achieved_rate, rel=0.1
    )


@alone
def test_failing_request_comes_out_when_loadgen_is_done(tmp_path: Path) -> None:
    def fail(request: int) -> None:
        raise ZeroDivisionError(f"of request {request}")

    before = threading.active_count()
    with pytest.raises(ZeroDivisionError, match="of request"):
        serve(tmp_path, SleepingTarget(2, 0.0, fail))
    assert threading.active_count() == before


@alone
def test_interrupt_comes_out_with_what_was_measured(tmp_path: Path) -> None:
    served = count()

    def interrupt(_: int) -> None:
        if next(served) == 50:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    target = SleepingTarget(2, 0.001, interrupt)
    with pytest.raises(Interrupted) as caught:
        serve(tmp_path, target)
    assert 40 <= caught.value.outcome.served < 459


@alone
def test_audit_file_in_the_folder_of_the_process_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "audit.config").write_text("*.*.mode = 1\n*.*.min_query_count = 5000\n")
    os.chdir(tmp_path)
    assert serve(tmp_path / "logs", SleepingTarget(1)).outcome.served < 1000


def test_other_arrivals_than_loadgens_are_refused(tmp_path: Path) -> None:
    scenario = Server(request_rate=10.0, arrival="constant")
    with pytest.raises(InvalidInput, match="LoadGen's arrivals are 'poisson', and not 'constant'"):
        run_loadgen(SleepingTarget(1), scenario, Limits.by_seconds(1), BOUND, tmp_path)


def test_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="LoadGen's logs cannot be written to"):
        serve(tmp_path / "file" / "logs", SleepingTarget(1))


def test_missing_loadgen_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emch.scenarios.loadgen.find_spec", lambda _: None)
    assert util.find_spec("mlperf_loadgen") is not None
    with pytest.raises(Unavailable, match=r"pip install 'emch\[loadgen\]'"):
        serve(tmp_path, SleepingTarget(1))


def test_process_that_had_a_failing_request_ends_well(tmp_path: Path) -> None:
    """LoadGen aborts a process in which a callback raised, or that was left in a test."""
    program = (
        "from pathlib import Path\n"
        "from tests.unit.scenarios import test_loadgen as t\n"
        "def fail(request): raise ZeroDivisionError\n"
        "try: t.serve(Path('logs'), t.SleepingTarget(2, 0.0, fail))\n"
        "except ZeroDivisionError: print('came out')\n"
        "import json; print(json.dumps(t.serve(Path('logs'), t.SleepingTarget(1)).valid))\n"
    )
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": root},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert (first, json.loads(second)) == ("came out", True)
