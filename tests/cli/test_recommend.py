"""`emch recommend` on the stub: what it takes, what limits do, and what is bad usage."""

import json
import subprocess
from collections.abc import Callable

import pytest

Emch = Callable[..., subprocess.CompletedProcess[str]]
Fails = Callable[..., str]
STUB = ("recommend", "--backend", "stub", "--budget", "1s")

pytestmark = pytest.mark.usefixtures("prepared_model")


def test_one_is_taken_and_how_to_repeat_it(emch: Emch) -> None:
    done = emch(*STUB, "--memory", "10GiB")
    assert done.returncode == 0, done.stderr
    assert "Take stub." in done.stdout
    assert "--memory 10GiB costs nothing" in done.stdout
    assert "emch run semantic-search --backend stub --batch-size 16 --dataset mini" in done.stdout
    assert "From Python: emch.encoder('stub').encode(texts)" in done.stdout


def test_limit_that_nothing_keeps_ends_with_1(emch: Emch) -> None:
    done = emch(*STUB, "--hit-rate", "0.9", "--json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert found["take"] is None
    assert found["limits"]["--hit-rate '0.9'"]["without"] == "stub"
    assert found["backends"]["stub"]["hit_rate"] < 0.9
    assert "no backend here keeps --hit-rate '0.9'" in emch(*STUB, "--hit-rate", "0.9").stderr


def test_latency_is_of_single_calls(emch: Emch) -> None:
    done = emch(*STUB, "--latency", "p50:1s", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["metric"] == "median_s"
    assert 0 < found["backends"]["stub"]["median_s"] < 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--latency", "p99", "--throughput"), "choose one of them"),
        (("--latency", "p98:1ms"), "--latency p98:1ms"),
        (("--memory", "lots"), "--memory lots: give a size"),
        (("--hit-rate", "good"), "--hit-rate good: give a rate"),
        (("--hit-rate", "0.4", "--texts", "none.txt"), "--hit-rate needs answers"),
        (("--texts", "none.txt"), "none.txt: no such file"),
        (("--data", "none"), "no such folder"),
        (("--backend", "onyx"), "unknown backend 'onyx'"),
        (("--budget", "soon"), "is not a duration"),
        (("--batch", "0"), "--batch"),
    ],
)
def test_bad_usage_is_one_sentence(fails: Fails, arguments: tuple[str, ...], said: str) -> None:
    assert said in fails(2, *STUB, *arguments)


def test_model_that_is_not_prepared(fails: Fails) -> None:
    assert "is not prepared" in fails(3, *STUB, "--model", "org/nothing")
