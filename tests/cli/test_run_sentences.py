"""`emch run sentence-encoding` and `emch run startup`: figures of calls, and what is refused."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emch.measure.cpus import usable_cpus
from emch.metrics import METRICS
from emch.records import Record

from .written import read

Emch = Callable[..., subprocess.CompletedProcess[str]]
Fails = Callable[..., str]
ENCODE = ("run", "sentence-encoding", "--backend", "onnxruntime", "--threads", "1")
START = ("run", "startup", "--backend", "onnxruntime", "--threads", "1")
OF_CALLS = {
    "mean_s", "median_s", "p90_s", "p95_s", "p99_s", "variance_s2", "calls_per_second",
    "sentences_per_second", "tokens_per_second", "flop_per_second", "elapsed_s",
}  # fmt: skip
OF_PROCESS = {
    "wall_s", "user_s", "kernel_s", "cpu_percent", "peak_rss_bytes", "import_s", "load_s",
    "rss_after_load_bytes", "artifact_bytes", "cosine_to_reference",
}  # fmt: skip

pytestmark = pytest.mark.usefixtures("prepared_model")


def found(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the JSON of a run that went well."""
    assert done.returncode == 0, done.stderr
    assert Record.from_json(done.stdout).to_json() + "\n" == done.stdout
    return read(done.stdout)


@pytest.fixture(scope="module")
def encoded(emch: Emch) -> dict[str, Any]:
    return found(emch(*ENCODE, "--dataset", "sentences-16", "--batch-size", 2, "--json", "-"))


@pytest.fixture(scope="module")
def started(emch: Emch) -> dict[str, Any]:
    return found(emch(*START, "--json", "-"))


def test_record_has_the_figures_of_calls_and_of_the_process(encoded: dict[str, Any]) -> None:
    assert encoded.keys() & METRICS.keys() == OF_CALLS | OF_PROCESS
    assert (encoded["task"], encoded["dataset"]) == ("sentence-encoding", "sentences-16")
    assert (encoded["batch_size"], encoded["callers"], encoded["threads"]) == (2, 1, 1)
    assert encoded["session"]["threads"] == 1


def test_percentiles_are_of_the_raw_calls(encoded: dict[str, Any]) -> None:
    calls = encoded["samples"]["call_s"]
    for name, percent in {"median_s": 50, "p90_s": 90, "p95_s": 95, "p99_s": 99}.items():
        assert encoded[name] == pytest.approx(np.percentile(calls, percent))
    assert encoded["mean_s"] == pytest.approx(np.mean(calls))
    assert encoded["variance_s2"] == pytest.approx(np.var(calls))
    assert 0 < min(calls) <= encoded["median_s"] <= encoded["p90_s"] <= encoded["p95_s"]
    assert encoded["p95_s"] <= encoded["p99_s"] <= max(calls)


def test_it_goes_on_for_the_calls_and_the_seconds_that_are_promised(
    encoded: dict[str, Any],
) -> None:
    enough = encoded["calls"] >= encoded["min_calls"] == 459
    assert enough or encoded["elapsed_s"] >= encoded["max_seconds"] == 20
    assert encoded["elapsed_s"] > 0.99 * encoded["min_seconds"] == 0.99 * 2
    assert encoded["elapsed_s"] < encoded["wall_s"]


def test_rates_are_what_was_counted_over_the_elapsed_time(encoded: dict[str, Any]) -> None:
    calls = encoded["calls"]
    assert calls == len(encoded["samples"]["call_s"])
    assert (encoded["sentences"], encoded["tokens"]) == (2 * calls, 2 * 16 * calls)
    for counted in ("calls", "sentences", "tokens"):
        rate = encoded[counted] / encoded["elapsed_s"]
        assert encoded[f"{counted}_per_second"] == pytest.approx(rate)


@pytest.mark.skipif(usable_cpus() < 2, reason="two callers need two CPUs")
def test_two_callers_have_calls_of_both(emch: Emch) -> None:
    record = found(
        emch(*ENCODE, "--dataset", "titles", "--batch-size", 1, "--callers", 2, "--json", "-")
    )
    assert record["callers"] == 2
    assert record["calls"] == record["sentences"] == len(record["samples"]["call_s"])
    assert record["calls"] >= 2 * 459 or record["elapsed_s"] >= 20
    assert 8 * record["calls"] < record["tokens"] < 18 * record["calls"]
    # Each caller is at work for all of the time, so there are two seconds in a second.
    assert sum(record["samples"]["call_s"]) <= 2 * record["elapsed_s"]
    assert sum(record["samples"]["call_s"]) > record["elapsed_s"]


def test_startup_has_what_comes_before_the_first_answer(started: dict[str, Any]) -> None:
    assert started.keys() & METRICS.keys() == OF_PROCESS | {"first_call_s"}
    assert (started["task"], started["dataset"], started["batch_size"]) == (
        "startup",
        "sentences-16",
        16,
    )
    assert 0 < started["import_s"] < started["load_s"] < started["wall_s"]
    assert 0 < started["first_call_s"] < started["wall_s"] - started["load_s"]
    assert 2**20 < started["rss_after_load_bytes"] <= started["peak_rss_bytes"]
    assert started["artifact_bytes"] > 80 * 2**20


@pytest.mark.parametrize(
    ("command", "labels"),
    [
        (
            (*ENCODE, "--dataset", "sentences-16", "--batch-size", "1"),
            {"mean", "median", "p99", "variance", "calls", "tokens"},
        ),
        (START, {"import", "load", "first call", "memory after load", "artifact", "cosine"}),
    ],
    ids=["sentence-encoding", "startup"],
)
def test_people_get_a_table(emch: Emch, command: tuple[str, ...], labels: set[str]) -> None:
    done = emch(*command)
    assert (done.returncode, done.stderr) == (0, "")
    header, *rows = (line.rsplit("  ", 1) for line in done.stdout.splitlines() if line.strip())
    assert [word.strip() for word in header] == ["metric", "value"]
    assert {row[0].strip() for row in rows} >= labels


@pytest.mark.parametrize("command", [ENCODE, START], ids=["sentence-encoding", "startup"])
@pytest.mark.parametrize("tokens", [1, 2, 257, 9999])
def test_length_that_cannot_be_made_is_refused_and_leaves_nothing(
    fails: Fails, tmp_path: Path, command: tuple[str, ...], tokens: int
) -> None:
    target = tmp_path / "record"
    sentence = fails(2, *command, "--dataset", f"sentences-{tokens}", "--json", target)
    assert f"'sentences-{tokens}' cannot be made with this tokenizer" in sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [ENCODE, START], ids=["sentence-encoding", "startup"])
def test_abstracts_without_scifact_say_what_would_help(
    fails: Fails, cache_copy: Path, command: tuple[str, ...]
) -> None:
    sentence = fails(3, *command, "--dataset", "abstracts-64", EMCH_CACHE=cache_copy)
    assert "emch prepare --dataset scifact" in sentence


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_that_streams_cannot_share_are_refused(fails: Fails, threads: int) -> None:
    sentence = fails(2, *START[:-1], threads, "--streams", 2)
    assert f"{threads} threads cannot be shared equally by 2 streams" in sentence


def test_option_that_the_engine_has_not_is_refused(fails: Fails) -> None:
    sentence = fails(3, *START, "--backend", "pytorch", "--provider", "CUDAExecutionProvider")
    assert "the backend 'pytorch' has no provider: CUDAExecutionProvider was asked" in sentence


@pytest.mark.skipif(Path("/proc/driver/nvidia").exists(), reason="there is a GPU")
@pytest.mark.parametrize("backend", ["onnxruntime", "pytorch"])
def test_gpu_that_is_not_here_is_a_skip(fails: Fails, backend: str) -> None:
    sentence = fails(3, *START, "--backend", backend, "--device", "cuda")
    assert "cuda" in sentence.lower()
