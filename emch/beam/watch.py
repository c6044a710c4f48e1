"""Notices that a worker process of the embedded runner was lost, which Beam itself may not."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emch.errors import WorkerLost

PATIENCE_S = 20
"""How long a pipeline may go on after a worker was lost; then it waits for what never comes."""

EXITED = "Worker subprocess exited"
"""What the thread of `SubprocessSdkWorker` raises when its process has failed, in Beam 2.77."""


@contextmanager
def watching_workers(give_up: Callable[[WorkerLost], None]) -> Iterator[None]:
    """Raise `WorkerLost` where a pipeline of the block fails since a worker process did.

    Parameters
    ----------
    give_up : callable
        Keeps the error where the pipeline goes on for `PATIENCE_S`; this process ends then.
    """
    lost: list[WorkerLost] = []
    before = threading.excepthook

    def end() -> None:
        give_up(lost[0])
        os._exit(lost[0].exit_code)  # Beam's threads would hold it

    timer = threading.Timer(PATIENCE_S, end)
    timer.daemon = True

    def notice(raised: threading.ExceptHookArgs) -> None:
        if EXITED not in str(raised.exc_value):
            before(raised)
        elif not lost:
            lost.append(WorkerLost(f"a worker process of the pipeline ended ({raised.exc_value})"))
            timer.start()

    threading.excepthook = notice
    try:
        yield
    except RuntimeError as error:
        if lost:
            raise lost[0] from error
        raise
    finally:
        timer.cancel()
        threading.excepthook = before
