"""What becomes of the inputs of a pipeline: answers, dead letters, and the batches they were in."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

MOST_REASONS = 5
"""Dead letters that are told of by their reason; all are in the files."""


class Request(NamedTuple):
    """One batch that Beam asked for.

    Attributes
    ----------
    name : str
        Its own.
    size : int
        Its inputs.
    seconds : float
        What it took, with what was halved and tried again.
    worker : str
        The machine and the process.
    """

    name: str
    size: int
    seconds: float
    worker: str


class Answer(NamedTuple):
    """What became of an input: an answer, or the reason why there is none.

    Attributes
    ----------
    answer : object
        As JSON has it.
    reason : str or None
        Why there is no answer.
    request : Request or None
        The batch that it was in; None where it was never ready for one.
    """

    answer: Any
    reason: str | None
    request: Request | None


@dataclass
class Found:
    """What the parts have.

    Attributes
    ----------
    answered, dead : int
        Inputs with an answer, and those with none.
    reasons : list of (int, str)
        The place and the reason of the first dead letters.
    requests : dict of str to Request
        The batches, by their names.
    """

    answered: int = 0
    dead: int = 0
    reasons: list[tuple[int, str]] = field(default_factory=list)
    requests: dict[str, Request] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**vars(self), "requests": [*self.requests.values()]}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> "Found":
        """Read what `to_dict` returned."""
        requests = [Request(*each) for each in told["requests"]]
        reasons = [(place, reason) for place, reason in told["reasons"]]
        by_name = {each.name: each for each in requests}
        return cls(told["answered"], told["dead"], reasons, by_name)

    def add(self, line: dict[str, Any]) -> None:
        """Count an input."""
        if line["request"] is not None:
            self.requests[line["request"][0]] = Request(*line["request"])
        if line["reason"] is None:
            self.answered += 1
            return
        self.dead += 1
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append((line["input"], line["reason"]))
