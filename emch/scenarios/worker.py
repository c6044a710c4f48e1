"""A thread that can be waited for, whatever happens meanwhile."""

import threading
from collections.abc import Callable

LOOK_S = 0.5
"""A signal that comes just before a thread sleeps does not wake it, so no sleep is for ever."""


class Worker(threading.Thread):
    """Does some work, and tells when it has ended.

    `Thread.join` cannot be called again after Ctrl-C interrupted it: Python 3.11 then takes the
    thread for one that has ended (see `threading.Thread._wait_for_tstate_lock`). A process can end
    while a worker hangs in a call.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._begun = False
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin to work; see `threading.Thread.start`."""
        self._begun = True  # an interrupt in the next line leaves a thread that works
        try:
            super().start()
        except RuntimeError:  # there can be no more threads
            self._begun = False
            raise

    def run(self) -> None:
        """Work; see `threading.Thread.run`."""
        try:
            self._work()
        finally:
            self._ended.set()

    def wait(self) -> None:
        """Wait until the work has ended, if it has begun; after an interrupt wait again."""
        while self._begun and not self._ended.wait(LOOK_S):
            pass
