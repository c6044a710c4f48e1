"""Measures the cases in turn: each is loaded once, and has a slice of its time in each round."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from emch.bench.agreement import Agreement, agree
from emch.bench.found import Found
from emch.bench.model import fingerprint
from emch.bench.npz import save
from emch.bench.plan import Plan
from emch.bench.running import Do, Running, Told
from emch.errors import BrokenArtifact, EmchError, WrongAnswer


class Bench:
    """A benchmark, and what it has found so far: Ctrl-C leaves it as it is.

    Attributes
    ----------
    plan : Plan
        What is to be measured.
    found : list of Found
        Of each case.
    agreements : list of Agreement
        How the answers of engines differ, where there are several.
    files : dict of str to FileEntry
        The user's files as they were before the first engine read them, by their names.
    """

    def __init__(self, plan: Plan, told: Told) -> None:
        self.plan = plan
        self.found = [Found(case) for case in plan.cases]
        self.agreements: list[Agreement] = []
        self.files = fingerprint(plan.files)
        self._told = told
        self._running: dict[int, Running] = {}

    def measure(self) -> None:
        """Load, check and measure all cases; a case that fails is left out from then on.

        Raises
        ------
        InvalidInput
            The inputs do not fit the network, or cannot be made.
        KeyboardInterrupt
            Ctrl-C came; what was measured until then is in `found`.
        """
        plan = self.plan
        with tempfile.TemporaryDirectory(prefix="emch-") as name, ExitStack() as stack:
            folder = Path(name)
            feeds = dict(self._write_feeds(folder))
            for number, found in enumerate(self.found):
                with self._failing(number):
                    running = self._running[number] = Running(found, plan, folder, self._told)
                    stack.callback(running.end)
                    running.load(feeds[found.case.batch_size])
            self._compare()
            if bound := plan.search:
                self._for_each(lambda running: running.search(bound))
            elif logs := plan.loadgen:
                self._for_each(lambda running: running.by_loadgen(logs))
            else:
                self._rounds()
            if plan.profile:
                self._for_each(Running.profile)

    def _rounds(self) -> None:
        for turn in range(self.plan.rounds):
            self._for_each(partial(Running.slice, turn=turn), backwards=turn % 2 == 1)

    def _for_each(self, do: Do, *, backwards: bool = False) -> None:
        """Do something with each case that still runs."""
        for number in sorted(self._running, reverse=backwards):
            with self._failing(number):
                do(self._running[number])

    def _write_feeds(self, folder: Path) -> Iterator[tuple[int, Path]]:
        for size in {case.batch_size for case in self.plan.cases}:
            path = folder / f"feeds-{size}.npz"
            save(path, self.plan.inputs.make(size))
            yield size, path

    @contextmanager
    def _failing(self, number: int) -> Iterator[None]:
        """Keep an error with its case, and end the process."""
        try:
            yield
        except EmchError as error:
            self.found[number].error = error
            if running := self._running.pop(number, None):
                running.end()

    def _compare(self) -> None:
        """Compare the answers of the cases that still run."""
        answers = {number: self._running[number].answers for number in sorted(self._running)}
        quantized = self.plan.inputs.signature.quantized
        self.agreements += agree(self.found, answers, self.plan.tolerance, quantized)

    def require_fine(self) -> None:
        """Raise what keeps the benchmark from being fine; all else of it is in `found`.

        Raises
        ------
        EmchError
            As a case ended with it.
        BrokenArtifact
            An engine has written to the user's file.
        WrongAnswer
            The answers of two engines differ by more than the tolerance.
        """
        for found in self.found:
            if found.error:
                raise type(found.error)(f"{found.case.label}: {found.error}")
        if self.files != (now := fingerprint(self.plan.files)):
            changed = [name for name, entry in now.items() if entry != self.files[name]]
            raise BrokenArtifact(f"{', '.join(changed)} has changed while it was measured")
        for each in self.agreements:
            if not each.fits:
                raise WrongAnswer(each.sentence)
