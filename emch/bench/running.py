"""One case that runs: its process, and what it is told to do."""

import math
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from emch.backends.profile import Operator
from emch.bench.found import Found
from emch.bench.launched import Launched, job_of
from emch.bench.plan import Plan
from emch.scenarios.find_rate import find_rate
from emch.scenarios.goodput import Bound
from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Outcome
from emch.scenarios.scenario import Scenario
from emch.scenarios.server import Server

CHECKED = 4
"""The requests whose answers are compared."""

PROFILED_CALLS = 50
"""The calls that the times of operators are the means of."""

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


class Running:
    """A case with its process.

    Each method puts what it finds into `found`, and raises what the process raised.

    Attributes
    ----------
    found : Found
        What is known of the case.
    answers : Path
        The outputs that are compared, once `load` has been called.
    """

    def __init__(self, found: Found, plan: Plan, folder: Path, told: Told) -> None:
        self.found = found
        self._plan = plan
        self._told = told
        name = found.case.label.replace(", ", "-").replace(" ", "-").replace(":", "-")
        self._name = name
        self.answers = folder / f"answers-{name}.npz"
        told.stage(f"loading {found.case.label}")
        job = job_of(plan.model, found.case.engine, found.case.options, plan.placement)
        self._launched = Launched(job, folder / f"stderr-{name}.txt", plan.timeout_s, told.tick)

    def load(self, feeds: Path) -> None:
        """Wait until the network is loaded, give it its inputs, and keep some of its answers."""
        self.found.loaded = self._launched.load()
        joints = {name: asdict(joint) for name, joint in self._plan.inputs.joints.items()}
        self._launched.ask("feed", path=str(feeds), joints=joints)
        answer = self._launched.ask("answer", path=str(self.answers), most=CHECKED)
        self.found.first_call_s = answer["first_call_s"]

    def slice(self, turn: int) -> None:
        """Warm it up, and measure the slice of a round."""
        plan = self._plan
        self._told.stage(f"{self.found.case.label}, round {turn + 1} of {plan.rounds}")
        warm_s = plan.warmup_s * (1 if turn == 0 else REWARM)
        self._warm(warm_s)
        limits = plan.limits(turn)
        self.found.add(self._run(plan.load(turn), limits))
        self._told.passed(warm_s + limits.min_seconds)

    def search(self, bound: Bound) -> None:
        """Search the highest rate that keeps a bound; the last step, which confirms it, is kept."""
        plan, scenario = self._plan, self._plan.scenario
        assert isinstance(scenario, Server)  # noqa: S101 - the command line sees to it
        self._warm(plan.warmup_s)
        seeds = count(scenario.seed)
        answers: list[dict[str, Any]] = []

        def at(rate: float, limits: Limits) -> Outcome:
            self._told.stage(f"{self.found.case.label}, {rate:,.3g} requests per second")
            answers.append(
                self._run(replace(scenario, request_rate=rate, seed=next(seeds)), limits)
            )
            return Outcome.from_dict(answers[-1]["outcome"])

        start = scenario.request_rate
        self.found.rate = find_rate(at, bound, seconds=plan.seconds, start=start)
        self.found.add(answers[-1])
        self._told.passed(plan.warmup_s + plan.seconds)

    def by_loadgen(self, logs: Path) -> None:
        """Let MLPerf LoadGen put its load on it, with its logs in a folder of its own in `logs`."""
        plan = self._plan
        bound = plan.goodput or Bound(99, 1.0)  # `offline` has no use for it
        self._told.stage(f"{self.found.case.label}, by MLPerf LoadGen")
        self._warm(plan.warmup_s)
        answer = self._launched.ask(
            "loadgen",
            lasting_s=LONGEST * plan.seconds,
            scenario=plan.scenario.name,
            parameters=asdict(plan.scenario),
            limits=asdict(Limits(plan.iterations or 1, plan.seconds)),
            bound=[bound.percent, bound.seconds],
            folder=str(logs / self._name),
        )
        self.found.add(answer)
        self._told.passed(plan.warmup_s + plan.seconds)

    def profile(self) -> None:
        """Ask for the times of the operators."""
        self._told.stage(f"profile of {self.found.case.label}")
        answer = self._launched.ask("profile", calls=PROFILED_CALLS)
        self.found.operators = [Operator(**each) for each in answer["operators"]]

    def end(self) -> None:
        """Kill the process."""
        self._launched.end()

    def _warm(self, seconds: float) -> None:
        answer = self._launched.ask(
            "warm", lasting_s=seconds, seconds=seconds, most=self._plan.most_together
        )
        self.found.pinned = answer.get("pinned", self.found.pinned)

    def _run(self, load: Scenario, limits: Limits) -> dict[str, Any]:
        """Put a load on it once; on Ctrl-C what it has measured is kept first."""
        try:
            return self._launched.ask(
                "run",
                lasting_s=self._longest_s(limits),
                scenario=load.name,
                parameters=asdict(load),
                limits=asdict(limits),
            )
        except KeyboardInterrupt:
            so_far = self._launched.interrupt()
            if so_far and "outcome" in so_far:
                self.found.add(so_far)
            raise

    def _longest_s(self, limits: Limits) -> float:
        """Return how long a slice lasts at most if all goes well."""
        if limits.max_seconds < math.inf:
            return LONGEST * limits.max_seconds
        return LONGEST * limits.min_calls * (self.found.first_call_s or 0.0)


Do = Callable[[Running], None]
"""What is done with each case in turn."""
