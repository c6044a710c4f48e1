"""Starts one command and writes what a BSD `time` would say of it. Run as a script.

Linux gives a new process the peak memory of its parent to begin with, so the parent of a measured
process has to be small: this file is run with `python -I -S` and imports next to nothing.

    python -I -S thin_parent.py ACCOUNT COMMAND [ARGUMENT ...]

ACCOUNT becomes a JSON file: wall_s, user_s, kernel_s, peak_rss_bytes, status (the exit code, or
minus the signal). The command gets SIGTERM and SIGINT passed on; its output is left alone.
"""

import json
import os
import signal
import sys
import time


def main(account: str, command: list[str]) -> None:
    """Run `command` to its end and write its account."""
    passed_on = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, passed_on)
    start = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, setsigmask=())
    for number in passed_on:
        signal.signal(number, lambda received, _: os.kill(child, received))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, passed_on)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    unfinished = f"{account}.unfinished"
    with open(unfinished, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would triple it
        json.dump(
            {
                "wall_s": wall,
                "user_s": usage.ru_utime,
                "kernel_s": usage.ru_stime,
                "peak_rss_bytes": usage.ru_maxrss * unit,
                "status": os.waitstatus_to_exitcode(status),
            },
            file,
        )
    os.replace(unfinished, account)  # noqa: PTH105 - as above


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
