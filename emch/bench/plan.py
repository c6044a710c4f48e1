"""What is to be measured: the cases, the load, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from emch.backends.base import Options
from emch.bench.inputs import Inputs
from emch.bench.model import Model
from emch.scenarios.elastic import Elastic
from emch.scenarios.limits import Limits
from emch.scenarios.scenario import Scenario
from emch.scenarios.server import Server

ROUNDS = 5
"""The slices of a case where there are several cases, which are measured in turn."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """An engine with a batch size and options: a line of the table.

    Attributes
    ----------
    engine : str
        A backend by its name.
    batch_size : int
        The items of one request.
    options : Options
        What the engine is asked to use.
    """

    engine: str
    batch_size: int
    options: Options

    @property
    def label(self) -> str:
        """It in words."""
        return f"{self.engine}, batch size {self.batch_size}"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole benchmark.

    Attributes
    ----------
    model : Model
        The network.
    inputs : Inputs
        What requests take.
    cases : sequence of Case
        What is compared, in the order of the table.
    scenario : Scenario
        How requests arrive.
    seconds : float
        How long each case is measured, over all rounds.
    iterations : int or None
        The requests of each case in place of a time.
    warmup_s : float
        How long each case runs before it is measured.
    timeout_s : float
        How long an engine may take to load, and longer than its time to answer.
    tolerance : float or None
        What the answers of engines may differ by; None for what their precisions allow.
    """

    model: Model
    inputs: Inputs
    cases: Sequence[Case]
    scenario: Scenario
    seconds: float
    iterations: int | None
    warmup_s: float
    timeout_s: float
    tolerance: float | None = None

    @property
    def files(self) -> list[Path]:
        """The user's own files: of the network, and of weights beside it."""
        return [self.model.file, *self.inputs.signature.external] if self.model.file else []

    @property
    def rounds(self) -> int:
        """How many slices each case has."""
        return 1 if len(self.cases) == 1 else min(ROUNDS, self.iterations or ROUNDS)

    @property
    def most_together(self) -> int:
        """How many requests one call of the network takes at most."""
        return self.scenario.most if isinstance(self.scenario, Elastic) else 1

    def load(self, turn: int) -> Scenario:
        """Return the scenario of a round: where it has arrivals, each round has its own."""
        if not isinstance(self.scenario, Server):
            return self.scenario
        return replace(self.scenario, seed=self.scenario.seed + turn)

    def limits(self, number: int) -> Limits:
        """Return when the slice of a round ends."""
        if self.iterations is None:
            return Limits.by_seconds(self.seconds / self.rounds)
        share, left = divmod(self.iterations, self.rounds)
        return Limits.by_requests(share + (number < left))
