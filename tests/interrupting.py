"""Interrupts a process as a terminal or a supervisor does, and looks at what is left."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psutil
import pytest

PATIENCE_S = 60
WAYS = {
    "Ctrl-C in a terminal": (os.killpg, signal.SIGINT),
    "SIGINT to emch alone": (os.kill, signal.SIGINT),
    "SIGTERM to emch alone": (os.kill, signal.SIGTERM),
    "SIGTERM to all": (os.killpg, signal.SIGTERM),
}


@dataclass(frozen=True)
class Interrupted:
    """How an interrupted process ended.

    Attributes
    ----------
    status : int
        The exit code.
    stdout, stderr : str
        The whole output on either stream.
    left : list of Process
        The processes that it had started and that go on.
    """

    status: int
    stdout: str
    stderr: str
    left: list[psutil.Process]


def interrupt(
    command: Sequence[str],
    way: str,
    is_time: Callable[[psutil.Process], bool],
    **where: object,
) -> Interrupted:
    """Start a command, send it one of `WAYS` when it is time, and wait for its end."""
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **where,  # type: ignore[call-overload]
    ) as process:
        return _interrupt(process, way, is_time)


def _interrupt(
    process: "subprocess.Popen[str]", way: str, is_time: Callable[[psutil.Process], bool]
) -> Interrupted:
    send, number = WAYS[way]
    started = psutil.Process(process.pid)
    until = time.monotonic() + PATIENCE_S
    while not _has_come(is_time, started):
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            said = "".join(process.communicate())
            pytest.fail(f"it ended, or never came to the point of the interrupt: {said}")
        time.sleep(0.02)
    children = started.children(recursive=True)
    send(process.pid, number)
    stdout, stderr = process.communicate(timeout=PATIENCE_S)
    left = psutil.wait_procs(children, timeout=1)[1]
    for each in left:
        each.kill()
    return Interrupted(process.returncode, stdout, stderr, left)


def _has_come(is_time: Callable[[psutil.Process], bool], process: psutil.Process) -> bool:
    try:
        return is_time(process)
    except psutil.NoSuchProcess:  # a child, or a zombie of one, that has ended meanwhile
        return False


def require_clean_end(found: Interrupted, way: str) -> None:
    """Require the exit code, one line on stderr after all else, and no process that goes on."""
    assert found.status == 128 + WAYS[way][1], found.stderr
    assert found.left == []
    assert "Traceback" not in found.stderr
    assert found.stderr.splitlines()[-1] == "emch: interrupted"
