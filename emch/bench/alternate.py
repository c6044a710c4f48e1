"""Measures the cases in turn: each is loaded once, and has a slice of its time in each round."""

import math
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from emch.bench.agreement import Agreement, agree
from emch.bench.found import Found
from emch.bench.launched import Launched, job_of
from emch.bench.model import fingerprint
from emch.bench.npz import save
from emch.bench.plan import Plan
from emch.errors import BrokenArtifact, EmchError, WrongAnswer
from emch.scenarios.limits import Limits

CHECKED = 4
"""The requests whose answers are compared."""

REWARM = 0.1
"""The part of the time of warming up that is spent before each later slice."""


LONGEST = 2.0
"""A slice lasts so many times its time at most: `server` serves what waits for as long again."""


class Told(Protocol):
    """Who is told how far it has come."""

    def stage(self, what: str) -> None:
        """Hear what is done next."""

    def passed(self, seconds: float) -> None:
        """Hear that seconds of the planned time are over."""

    def tick(self) -> None:
        """Have an opportunity to look at the clock."""


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
        self._running: dict[int, Launched] = {}
        self._answers: dict[int, Path] = {}

    def measure(self) -> None:
        """Load, check and measure all cases; a case that fails is left out from then on.

        Raises
        ------
        InvalidInput
            The inputs do not fit the network, or cannot be made.
        KeyboardInterrupt
            Ctrl-C came; what was measured until then is in `found`.
        """
        with tempfile.TemporaryDirectory(prefix="emch-") as name, ExitStack() as stack:
            folder = Path(name)
            feeds = dict(self._write_feeds(folder))
            for number, found in enumerate(self.found):
                with self._failing(number):
                    self._start(number, found, folder, stack)
                    self._load(number, found, feeds[found.case.batch_size])
                    self._answer(number, found, folder)
            self._compare()
            for turn in range(self.plan.rounds):
                for number in self._order(turn):
                    with self._failing(number):
                        self._slice(number, turn)

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
            if launched := self._running.pop(number, None):
                launched.end()

    def _start(self, number: int, found: Found, folder: Path, stack: ExitStack) -> None:
        self._told.stage(f"loading {found.case.label}")
        errors = folder / f"stderr-{number}.txt"
        job = job_of(self.plan.model, found.case.engine, found.case.options)
        launched = Launched(job, errors, self.plan.timeout_s, self._told.tick)
        stack.callback(launched.end)
        self._running[number] = launched

    def _load(self, number: int, found: Found, feeds: Path) -> None:
        launched = self._running[number]
        found.loaded = launched.load()
        joints = {name: asdict(joint) for name, joint in self.plan.inputs.joints.items()}
        launched.ask("feed", path=str(feeds), joints=joints)

    def _answer(self, number: int, found: Found, folder: Path) -> None:
        path = folder / f"answers-{number}.npz"
        answer = self._running[number].ask("answer", path=str(path), most=CHECKED)
        found.first_call_s = answer["first_call_s"]
        self._answers[number] = path

    def _compare(self) -> None:
        """Compare the answers of the cases that still run."""
        answers = {number: self._answers[number] for number in sorted(self._running)}
        quantized = self.plan.inputs.signature.quantized
        self.agreements += agree(self.found, answers, self.plan.tolerance, quantized)

    def _order(self, turn: int) -> list[int]:
        """Return the cases that still run, every second time backwards."""
        return sorted(self._running, reverse=turn % 2 == 1)

    def _slice(self, number: int, turn: int) -> None:
        found, launched, plan = self.found[number], self._running[number], self.plan
        self._told.stage(f"{found.case.label}, round {turn + 1} of {plan.rounds}")
        warm_s = plan.warmup_s * (1 if turn == 0 else REWARM)
        launched.ask("warm", lasting_s=warm_s, seconds=warm_s, most=plan.most_together)
        limits = plan.limits(turn)
        try:
            answer = launched.ask(
                "run",
                lasting_s=self._longest_s(found, limits),
                scenario=plan.scenario.name,
                parameters=asdict(plan.load(turn)),
                limits=asdict(limits),
            )
        except KeyboardInterrupt:
            so_far = launched.interrupt()
            if so_far and "outcome" in so_far:
                found.add(so_far)
            raise
        found.add(answer)
        self._told.passed(warm_s + limits.min_seconds)

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

    @staticmethod
    def _longest_s(found: Found, limits: Limits) -> float:
        """Return how long a slice lasts at most if all goes well."""
        if limits.max_seconds < math.inf:
            return LONGEST * limits.max_seconds
        return LONGEST * limits.min_calls * (found.first_call_s or 0.0)
