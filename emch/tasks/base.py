"""What a task is: its parameters, and what it gives back."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tokenizers import Tokenizer

from emch.backends.base import Options
from emch.encoding.batching import BATCH_SIZE
from emch.encoding.encoder import Encoder
from emch.models.settings import EncoderSettings

BATCH_SIZE_OPTION = {"default": BATCH_SIZE, "help": "Texts at a time."}
"""The field of a task that is its batch size, as `emch.cli.fields` reads it."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one run of a task found.

    Attributes
    ----------
    counts : mapping of str to int
        What was counted: queries, hits, sentences, tokens.
    samples : mapping of str to sequence of float
        Raw values by the name of the metric, in the unit that ends the name.
    score : callable
        Returns further samples, which need the answers and are no part of what is measured; it
        is called when the account of time and memory has been taken.
    further : sequence of Encoder
        What was measured beside the encoder that the task was given; their answers count too.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    samples: Mapping[str, Sequence[float]] = field(default_factory=dict)
    score: Callable[[], Mapping[str, Sequence[float]]] = dict
    further: Sequence[Encoder] = ()


@dataclass(frozen=True, kw_only=True)
class Task(ABC):
    """A computation from inputs to a score; the fields are its parameters.

    A field with a help in its metadata is an option of the command line; see `emch.cli.fields`.

    Attributes
    ----------
    name, summary : str
        What the command line calls it, and says of it.
    dataset : str
        The name of the dataset.
    batch_size : int
        Texts that go through the engine at a time.
    """

    name: ClassVar[str]
    summary: ClassVar[str]

    dataset: str
    batch_size: int

    def require_inputs(self, options: Options) -> None:
        """Raise what `run` would raise for bad or missing inputs, before an engine is loaded.

        A task refuses more threads than `Options.require_cpus` allows, and what else it finds.
        """
        options.require_cpus()

    def remarks(self) -> Sequence[str]:
        """Return what is correct about the inputs but may surprise, a sentence each."""
        return ()

    def for_program(self, tokenizer: Tokenizer, settings: EncoderSettings) -> Mapping[str, Any]:  # noqa: ARG002 - for tasks that need them
        """Return what a program in another language needs beside the parameters, as JSON has it.

        Parameters
        ----------
        tokenizer : Tokenizer
            The model's.
        settings : EncoderSettings
            Of the model.

        Raises
        ------
        Unavailable
            The parameters ask for something that the contract has no words for.
        """
        return {}

    @abstractmethod
    def run(self, encoder: Encoder) -> Outcome:
        """Run the task once."""
