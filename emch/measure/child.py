"""A process that is told what to do, and that cannot make the one that started it wait for ever."""

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from emch.errors import ChildFailed, ChildHung
from emch.measure.process import how_it_ended

TICK_S = 0.25


class Child:
    """A process that reads one JSON object a line, and answers each with one.

    It is the leader of a session of its own, so that Ctrl-C in a terminal reaches the parent alone,
    which passes on what it wants to.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments.
    environment : mapping of str to str
        All of its environment.
    errors : Path
        The file that takes what it writes to stderr.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], errors: Path
    ) -> None:
        self._errors = errors
        self._unread = b""
        with errors.open("wb") as stderr:
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                bufsize=0,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def tell(self, **content: Any) -> None:
        """Send it a command."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        try:
            self._process.stdin.write(json.dumps(content).encode() + b"\n")
        except BrokenPipeError:
            return  # `hear` then says how it ended

    def hear(self, seconds: float, tick: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """Wait for its answer.

        Parameters
        ----------
        seconds : float
            How long it may take.
        tick : callable
            Is called now and then meanwhile.

        Raises
        ------
        ChildHung
            It has not answered in time; it has been killed.
        ChildFailed
            It has ended without an answer; the message has the last line of its error output.
        """
        end = time.monotonic() + seconds
        while b"\n" not in self._unread:
            left = end - time.monotonic()
            if left <= 0:
                self.end()
                raise ChildHung(f"it gave no answer within {seconds:,.0f} s and was killed")
            if not self._read(min(left, TICK_S)):
                tick()
        line, _, self._unread = self._unread.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _read(self, seconds: float) -> bool:
        """Wait a while for more of its answer; say whether there was more."""
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(seconds):
                return False
        found = os.read(self._process.stdout.fileno(), 1 << 20)
        if not found:
            raise self._how_it_failed()
        self._unread += found
        return True

    def _how_it_failed(self) -> ChildFailed:
        ended = how_it_ended(self._process.wait())
        said = self._errors.read_text(encoding="utf-8", errors="replace").strip()
        last = said.splitlines()[-1] if said else "it wrote no message"
        failed = ChildFailed(f"the measuring process {ended}: {last}")
        failed.add_note(said)
        return failed

    def interrupt(self) -> None:
        """Send it what Ctrl-C sends."""
        self._process.send_signal(signal.SIGINT)

    def stop(self) -> None:
        """Suspend all of its threads."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Resume its threads."""
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Kill it; it has nothing to save."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None  # noqa: S101 - both are pipes
            pipe.close()
