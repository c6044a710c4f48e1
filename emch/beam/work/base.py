"""What a worker does for a task: it prepares inputs, loads the engine, and runs batches on it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from emch.beam.asked import Asked
from emch.errors import Poisoned


class Loaded(ABC):
    """An engine with its network. It is an object of a class, since Beam refers to it weakly."""

    @abstractmethod
    def run(self, batch: Sequence[Any]) -> list[Any]:
        """Return an answer to each input of a batch, such as JSON has."""


class Work(ABC):
    """A task with what it was asked for. It has no engine in it, so that it can be pickled.

    Attributes
    ----------
    asked : Asked
        The pipeline.
    """

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    @abstractmethod
    def prepare(self, raw: Any) -> Any:
        """Make an input ready for a batch, without the engine.

        Raises
        ------
        Poisoned
            It can never be answered.
        """

    @abstractmethod
    def load(self) -> Loaded:
        """Load the engine, which every worker process does once.

        Raises
        ------
        EmchError
            As `emch.backends.load` has it.
        """

    @abstractmethod
    def check(self) -> tuple[dict[str, Any], float | None]:
        """Load the engine, and hold its answers against the reference.

        Returns
        -------
        session : dict
            What the engine really uses, as `SessionInfo` has it.
        cosine : float or None
            The least cosine to the reference; None of a backend's own model, which has none.

        Raises
        ------
        WrongAnswer
            The cosine is below the limit of the precision.
        """

    @abstractmethod
    def count_bytes(self, ready: Any) -> int:
        """Return the bytes of a prepared input."""

    @abstractmethod
    def length(self, ready: Any) -> int:
        """Return what inputs are sorted by, where they are."""


def find_text(raw: Any) -> str:
    """Return a text of one line.

    Raises
    ------
    Poisoned
        Its bytes are not UTF-8, or there is nothing in it.
    """
    try:
        text = raw if isinstance(raw, str) else bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Poisoned(f"it is not UTF-8 ({error.reason} at byte {error.start})") from error
    if not text.strip():
        raise Poisoned("there is no word in it")
    return text
