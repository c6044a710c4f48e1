"""The measuring processes, as the parent sees them."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from emch.backends.base import Options
from emch.bench.model import Model
from emch.bench.worker import Job
from emch.errors import ChildHung, EmchError, as_raised
from emch.measure.child import Child

GRACE_S = 5.0
"""How long a process may take to hand over what it has measured, after Ctrl-C."""

POOLS = ("OMP", "OPENBLAS", "MKL", "RAYON")


class Launched:
    """A process that holds one case; it is suspended where it has nothing to do.

    Attributes
    ----------
    tick : callable
        Is called now and then while an answer is awaited.
    """

    def __init__(
        self, job: Job, errors: Path, timeout_s: float, tick: Callable[[], None] = lambda: None
    ) -> None:
        self.tick = tick
        self._timeout_s = timeout_s
        threads = str(job.options.threads)
        environment = {
            **os.environ,
            **{f"{pool}_NUM_THREADS": threads for pool in POOLS},
            "HF_HUB_OFFLINE": "1",
        }
        command = [sys.executable, "-P", "-m", "emch.bench.worker", job.to_json()]
        self._child = Child(command, environment, errors)

    def load(self) -> dict[str, Any]:
        """Wait until the network is loaded; return what `Worker.loaded` has.

        Raises
        ------
        ChildHung
            It took too long, and the process was killed.
        EmchError
            As it was raised in the process, or `ChildFailed` where that died.
        """
        return self._hear("it loads", 0)

    def ask(self, do: str, *, lasting_s: float = 0.0, **content: Any) -> dict[str, Any]:
        """Let the process do something; see the method of this name of `Worker`.

        Parameters
        ----------
        do : str
            The name of the method.
        lasting_s : float
            How long it lasts if all goes well; the deadline counts from then on.
        content : dict
            Its arguments.

        Raises
        ------
        ChildHung, EmchError
            See `load`.
        """
        self._child.go_on()
        self._child.tell(do=do, **content)
        return self._hear(f"'{do}'", lasting_s)

    def _hear(self, what: str, lasting_s: float) -> dict[str, Any]:
        try:
            found = self._child.hear(self._timeout_s + lasting_s, self.tick)
        except ChildHung as hung:
            raise ChildHung(
                f"the engine hangs while {what}: {hung}; give more time with --timeout"
            ) from hung
        if "error" in found:
            raise as_raised(found)
        self._child.stop()
        return found

    def interrupt(self) -> dict[str, Any] | None:
        """Let a run end at once, after Ctrl-C; return what it has measured, if it still can."""
        self._child.interrupt()
        with suppress(EmchError, KeyboardInterrupt):
            return self._child.hear(GRACE_S)
        return None

    def end(self) -> None:
        """Kill the process."""
        self._child.end()


def job_of(model: Model, engine: str, options: Options) -> Job:
    """Return what the process of a case holds."""
    file, key = model.place(engine)
    return Job(engine=engine, file=None if file is None else str(file), key=key, options=options)
