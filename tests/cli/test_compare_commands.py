"""`emch compare --command`: two shell commands, their verdicts, and what is wrong with them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

EMCH = [sys.executable, "-m", "emch.cli.main", "compare"]


def compare(*words: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*EMCH, *map(str, words)], capture_output=True, text=True, check=False)


def commands(one: str, other: str) -> list[str]:
    return ["--command", one, "--command", other]


def findings(path: Path) -> dict[str, dict[str, object]]:
    return {each["what"]: each for each in json.loads(path.read_text())["findings"]}


def test_slower_command_is_found_and_an_equal_one_is_the_same(tmp_path: Path) -> None:
    file, markdown = tmp_path / "found.json", tmp_path / "found.md"
    words = ("--budget", "60s", "--json", file, "--markdown", markdown)
    done = compare(*commands("sleep 0.2", "sleep 0.3"), *words)
    assert done.returncode == 1, done.stderr
    found = findings(file)["time"]
    assert found["verdict"] == "slower"
    assert float(str(found["ratio"])) > 1.1  # other tests run beside it
    assert "slower" in done.stdout
    assert markdown.read_text().startswith("A: sleep 0.2, B: sleep 0.3\n\n| cell | what |")
    wide = ("--threshold", "50%")  # other tests run beside it
    done = compare(*commands("sleep 0.2", "sleep 0.2"), *words, *wide)
    assert done.returncode == 0, done.stderr
    assert findings(file)["time"]["verdict"] == "same"


def test_folders_and_what_prepares_are_used_each_time(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    once = "test -f fresh && rm fresh && sleep 0.1"
    done = compare(
        *commands(once, once),
        "--prepare", "touch fresh; echo run >> count", "--cwd-a", tmp_path / "a",
        "--cwd-b", tmp_path / "b", "--threshold", "50%",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    counts = [len((tmp_path / name / "count").read_text().splitlines()) for name in "ab"]
    assert counts[0] == counts[1] >= 5


def test_memory_and_user_time_are_judged_beside_the_time(tmp_path: Path) -> None:
    program = "{} -c 'x = bytearray({} << 20); sum(range(2_000_000))'"
    one, other = (program.format(sys.executable, size) for size in (20, 120))
    compare(*commands(one, other), "--json", tmp_path / "found.json", "--budget", "60s")
    found = findings(tmp_path / "found.json")
    assert found["memory"]["verdict"] == "worse"
    assert found["memory"]["new"] > found["memory"]["old"] + 90e6  # type: ignore[operator] # numbers
    assert "user" in found


@pytest.mark.parametrize(
    ("one", "other", "status", "word"),
    [
        ("true", "exit 3", 1, "broke"),
        ("exit 3", "true", 0, "fixed"),
        ("exit 3", "exit 4", 1, "broke"),
    ],
)
def test_exit_codes_that_differ_are_a_verdict(
    one: str, other: str, status: int, word: str, tmp_path: Path
) -> None:
    done = compare(*commands(one, other), "--json", tmp_path / "found.json")
    assert done.returncode == status, done.stderr
    assert findings(tmp_path / "found.json")["time"]["verdict"] == word


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (commands("true", "true")[:2], 2, "--command has to be given twice"),
        ([*commands("true", "true"), "--command", "true"], 2, "--command has to be given twice"),
        (["main", *commands("true", "true")], 2, "--command compares two commands, and nothing"),
        ([*commands("true", "true"), "--stack", "a"], 2, "--command compares two commands"),
        (["--prepare", "true"], 2, "--command has to be given twice"),
        ([*commands("true", "true"), "--cwd-a", "missing"], 2, "'missing' does not exist"),
        (commands("echo no >&2; exit 3", "exit 3"), 2, "of A it ended with status 3: no"),
        ([*commands("true", "true"), "--prepare", "exit 7"], 2, "--prepare 'exit 7' of "),
        ([*commands("sleep 60", "true"), "--timeout", "0.2s"], 3, "took longer than 0.2 s"),
        (commands("no-such-command", "no-such-command"), 2, "of A it ended with status 127"),
        (commands("kill -9 $$", "kill -9 $$"), 2, "of A it was killed by signal 9"),
        ([*commands("true", "true"), "--json", "/missing/file"], 2, "--json /missing/file"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_one_sentence(
    words: list[str], status: int, sentence: str
) -> None:
    done = compare(*words)
    assert done.returncode == status
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_interrupt_leaves_no_process_behind(tmp_path: Path) -> None:
    mark = f"{tmp_path}/marked"
    process = subprocess.Popen(
        [*EMCH, *commands(f"sh -c 'sleep 30; : {mark}'", "true")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )

    def ours() -> list[psutil.Process]:
        everyone = psutil.process_iter(["cmdline"])
        return [
            each
            for each in everyone
            if each.pid != process.pid and any(mark in word for word in each.info["cmdline"] or ())
        ]

    until = time.monotonic() + 60
    while not ours() and time.monotonic() < until:
        time.sleep(0.1)
    assert ours()
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(30) == 130
    assert ours() == []
    assert process.stderr is not None
    process.stderr.close()
