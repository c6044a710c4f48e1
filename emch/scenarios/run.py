"""One run: its clock, a thread for each stream, and how all of them end."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from emch.scenarios.clock import SPIN_S, WALL, Clock
from emch.scenarios.ledger import Ledger, as_outcome
from emch.scenarios.outcome import Interrupted, Outcome
from emch.scenarios.worker import Worker

POLL_S = 0.05
"""The longest sleep, so that a run that is stopped ends soon."""


class Run:
    """The time since the start of a run, and whether it is to stop.

    Attributes
    ----------
    stopped : bool
        Whether all threads are to end: one of them failed, or Ctrl-C came.
    """

    def __init__(self, clock: Clock) -> None:
        self.stopped = False
        self._clock = clock
        self._start = 0.0

    def begin(self) -> None:
        """Set the start to now."""
        self._start = self._clock.now()

    def now(self) -> float:
        """Return the seconds since the start."""
        return self._clock.now() - self._start

    def wait_until(self, moment: float) -> bool:
        """Sleep until shortly before a moment, then spin; return False where the run is stopped.

        Spinning is sleeping for no time, which lets other threads have the interpreter.
        """
        while not self.stopped:
            left = moment - self.now()
            if left <= 0:
                return True
            self._clock.sleep(min(max(left - SPIN_S, 0.0), POLL_S))
        return False


Work = Callable[[Run, int, Ledger], None]
"""What a stream does: it serves requests until there are no more, or the run is stopped."""


def run_streams(
    streams: int,
    work: Work,
    *,
    settle: Callable[[Sequence[Ledger]], Outcome] = as_outcome,
    clock: Clock = WALL,
) -> Outcome:
    """Let each stream work in a thread of its own; all start together.

    A single stream works in this thread: there are engines that keep threads for each of their
    callers.

    Parameters
    ----------
    streams : int
        How many.
    work : callable
        What each does.
    settle : callable
        Makes the outcome of what the streams noted down.
    clock : Clock
        What tells the time.

    Raises
    ------
    Interrupted
        Ctrl-C came: each thread has ended its call, unless a second Ctrl-C came.
    BaseException
        What the work of a stream raised first; all threads have ended.
    """
    run = Run(clock)
    ledgers = [Ledger() for _ in range(streams)]
    try:
        if streams == 1:
            run.begin()
            work(run, 0, ledgers[0])
        else:
            _Crew(run, streams).work(work, ledgers)
    except KeyboardInterrupt:
        raise Interrupted(settle(ledgers)) from None
    return settle(ledgers)


class _Crew:
    """The threads of a run."""

    def __init__(self, run: Run, streams: int) -> None:
        self._errors: list[BaseException] = []
        self._run = run
        self._ready = threading.Barrier(streams, action=run.begin)

    def work(self, work: Work, ledgers: Sequence[Ledger]) -> None:
        """Start the threads, wait for their end, and raise what one of them raised."""
        workers = [
            Worker(partial(self._stream, work, stream, ledger))
            for stream, ledger in enumerate(ledgers)
        ]
        try:
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.wait()
        except BaseException:
            self._stop()
            for worker in workers:
                worker.wait()
            raise
        if self._errors:
            raise self._errors[0]

    def _stream(self, work: Work, stream: int, ledger: Ledger) -> None:
        try:
            with suppress(threading.BrokenBarrierError):  # another thread could not be started
                self._ready.wait()
                work(self._run, stream, ledger)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread of the caller
            self._errors.append(error)
            self._stop()

    def _stop(self) -> None:
        self._run.stopped = True
        self._ready.abort()
