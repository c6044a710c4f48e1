"""What a scenario is on the command line: its options, and how it is run."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from emch.scenarios.limits import Limits
from emch.scenarios.outcome import Outcome
from emch.scenarios.target import Target


@dataclass(frozen=True, kw_only=True)
class Scenario(ABC):
    """How requests arrive; the fields are its parameters.

    A field with a help in its metadata is an option of the command line; see `emch.cli.fields`.

    Attributes
    ----------
    name, summary : str
        What the command line calls it, and says of it.
    """

    name: ClassVar[str]
    summary: ClassVar[str]

    def require_inputs(self, streams: int) -> None:  # noqa: B027 - most have nothing to refuse
        """Raise what `run` would raise for bad parameters, before an engine is loaded.

        Parameters
        ----------
        streams : int
            The streams that the target will have.

        Raises
        ------
        InvalidInput
            With what to ask for instead.
        """

    @abstractmethod
    def run(self, target: Target, limits: Limits) -> Outcome:
        """Put the load on a target, once.

        Raises
        ------
        Interrupted
            Ctrl-C came; it has what was measured until then.
        """
