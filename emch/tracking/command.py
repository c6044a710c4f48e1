"""Runs asv's own command line, and ends it by the signal that it handles."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO

from emch.errors import EmchError

TRACEBACK = "Traceback (most recent call last):"
"""How Python begins a traceback; asv's own messages go to stdout."""


def run_asv(*arguments: str) -> int:
    """Run asv's command line, as `run_module` does."""
    return run_module("asv", *arguments)


def run_module(module: str, *arguments: str) -> int:
    """Run asv to its end, with its output on stderr, and return its exit status.

    Where this process is interrupted or terminated, asv gets a SIGINT: it then ends its benchmark,
    which is in a process group of its own and would outlive an asv that is killed.

    Parameters
    ----------
    module : str
        What Python runs: asv, or a module that calls it.
    *arguments : str
        The arguments of its command line.

    Raises
    ------
    EmchError
        It ended with a traceback; a note of the error has it.
    """
    with TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        process = _start([sys.executable, "-m", module, *arguments], errors)
        try:
            status = process.wait()
        except (KeyboardInterrupt, SystemExit):
            _interrupt(process)
            sys.stderr.write("\n")  # it may have ended in the middle of a line of its own
            raise
        errors.seek(0)
        said = errors.read()
    if status != 0 and TRACEBACK in said:
        raise _broke(said)
    sys.stderr.write(said)
    return status


def _broke(said: str) -> EmchError:
    """Return the error for a traceback, whose last line says what it is."""
    last = said.strip().splitlines()[-1]
    error = EmchError(
        f"asv broke ({last}): look at asv.conf.json and what it names, or at the whole traceback "
        "with 'emch --debug'"
    )
    error.add_note(said)
    return error


def _interrupt(process: "subprocess.Popen[bytes]") -> None:
    """Interrupt asv, and once more for each further interrupt of ours, until it has ended.

    A worker that asv was about to start when the interrupt came is one that asv does not know of:
    it would wait for work without end, so what is left in asv's process group is killed.
    """
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait()
        except KeyboardInterrupt:
            continue
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _start(command: list[str], errors: IO[str]) -> "subprocess.Popen[bytes]":
    """Start asv so that it hears our SIGINT, and no other signal.

    It has a process group of its own: a SIGTERM that goes to all of ours would kill it before it
    has ended its benchmark. What a script runs in the background ignores Ctrl-C, and what that
    starts would ignore every SIGINT too, so asv is started with the usual answer to it.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=errors, process_group=0
        )
    finally:
        signal.signal(signal.SIGINT, before)
