"""Runs asv's own command line, and ends it as it wants to be ended."""

import signal
import subprocess
import sys

PATIENCE_S = 2.0
"""How long asv may take to end by the terminal's Ctrl-C, which it has seen too."""


def run_asv(*arguments: str) -> int:
    """Run asv to its end, with its output on stderr, and return its exit status.

    Where this process is interrupted or terminated, asv gets a SIGINT: it then ends its benchmark,
    which is in a process group of its own and would outlive an asv that is killed.
    """
    process = _start([sys.executable, "-m", "asv", *arguments])
    try:
        return process.wait()
    except (KeyboardInterrupt, SystemExit):
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.wait()
        raise


def _start(command: list[str]) -> "subprocess.Popen[bytes]":
    """Start asv so that it hears our SIGINT.

    What a script runs in the background ignores Ctrl-C, and what that starts would ignore every
    SIGINT too. There asv gets a process group of its own: it hears us, and still not the terminal.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        return subprocess.Popen(command, stdout=sys.stderr)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return subprocess.Popen(command, stdout=sys.stderr, process_group=0)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
