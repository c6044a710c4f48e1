"""Sentence encoding: batches of fixed shape through a loaded session, by one or more callers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from tokenizers import Tokenizer

from emch.backends.base import Options, TextSession
from emch.datasets.sentences import NAMES_HELP, make_sentences, require_sentences
from emch.encoding.batching import Batch, batches, tokenize
from emch.encoding.encoder import Encoder
from emch.errors import CompiledWhileTimed
from emch.models.settings import EncoderSettings
from emch.percentiles import samples_needed
from emch.scenarios.callers import Call, Limits, run_callers
from emch.tasks.base import BATCH_SIZE_OPTION, Outcome, Task

BATCHES = 8
"""Different batches that a caller goes through, so that no engine meets one input alone."""

WARM_ROUNDS = 2


@dataclass(frozen=True, kw_only=True)
class FixedShapes(Task):
    """A task that times calls on the batches of a dataset of sentences.

    No method of a task may begin with `time_` or `track_`: asv would take it for a benchmark.

    Attributes
    ----------
    min_calls, min_seconds, max_seconds
        How long to measure; see `Limits`.
    """

    min_calls: int = samples_needed(99)
    min_seconds: float = 2.0
    max_seconds: float = 20.0

    def measure_calls(
        self, encoders: Sequence[Encoder], callers: Sequence[Sequence[Call]], work: Sequence["Work"]
    ) -> Outcome:
        """Warm up each caller, then time its calls, one for each batch of `work` in turn.

        Raises
        ------
        CompiledWhileTimed
            A session of `encoders` compiled inside of the timing.
        """
        for calls in callers:
            for call in [*calls] * WARM_ROUNDS:
                call()
        compiled = [len(each.compile_s) for each in encoders]
        timing = run_callers(callers, Limits(self.min_calls, self.min_seconds, self.max_seconds))
        if compiled != [len(each.compile_s) for each in encoders]:
            raise CompiledWhileTimed(f"{encoders[0].name} compiled while it was timed")
        made = [work[i % len(work)] for samples in timing.call_s for i in range(len(samples))]
        return Outcome(
            counts=self.count(made),
            samples={
                "call_s": [second for samples in timing.call_s for second in samples],
                "elapsed_s": [timing.elapsed_s],
            },
            further=encoders[1:],
        )

    def count(self, made: Sequence["Work"]) -> dict[str, int]:
        """Return what is counted of the calls that were made."""
        return {
            "calls": len(made),
            "sentences": self.batch_size * len(made),
            "tokens": sum(item.tokens for item in made),
        }


@dataclass(frozen=True, kw_only=True)
class SentenceEncoding(FixedShapes):
    """Encode sentences that are tokens already; a call is one batch through the engine.

    Pooling is in the call only where the engine does it. A library that encodes texts by itself
    (`TextSession`) has texts in its call, and its tokenizer.

    Attributes
    ----------
    callers : int
        Threads that call at once, each with a session of its own.
    """

    name: ClassVar[str] = "sentence-encoding"
    summary: ClassVar[str] = "Time calls of a loaded session: percentiles, variance and rates."

    dataset: str = field(metadata={"default": "sentences-128", "help": NAMES_HELP})
    batch_size: int = field(metadata=BATCH_SIZE_OPTION)
    callers: int = field(default=1, metadata={"help": "Threads that call at once."})

    def require_inputs(self, options: Options) -> None:
        """See `Task.require_inputs`."""
        options.require_cpus(self.callers)
        require_sentences(self.dataset)

    def for_program(self, tokenizer: Tokenizer, settings: EncoderSettings) -> Mapping[str, Any]:
        """See `Task.for_program`: the batches, as arrays."""
        return {
            "batches": [
                {
                    "input_ids": item.batch.input_ids.tolist(),
                    "attention_mask": item.batch.attention_mask.tolist(),
                    "flop": item.flop,
                }
                for item in make_batches(tokenizer, settings, self.dataset, self.batch_size)
            ]
        }

    def run(self, encoder: Encoder) -> Outcome:
        """Warm up each caller, then time calls; `call_s` has a sample for each."""
        work = batches_for(encoder, self.dataset, self.batch_size)
        encoders = [encoder, *(encoder.again() for _ in range(self.callers - 1))]
        callers = [[item.call(each) for item in work] for each in encoders]
        return self.measure_calls(encoders, callers, work)

    def count(self, made: Sequence["Work"]) -> dict[str, int]:
        """Count the operations too: a call is the whole network."""
        return {**super().count(made), "flop": sum(item.flop for item in made)}


@dataclass(frozen=True)
class Work:
    """One batch, as texts and as arrays.

    Attributes
    ----------
    texts : sequence of str
        The sentences.
    batch : Batch
        The tokens of the sentences.
    flop : int
        The operations that the network takes for them; see `EncoderSettings.count_flop`.
    """

    texts: Sequence[str]
    batch: Batch
    flop: int

    @property
    def tokens(self) -> int:
        """The tokens that are no padding."""
        return int(self.batch.attention_mask.sum())

    def call(self, encoder: Encoder) -> Call:
        """Return what runs this batch through a session once."""
        session = encoder.session
        if isinstance(session, TextSession):
            return partial(session.encode, self.texts, len(self.texts), "text")
        return partial(session.run, self.batch.input_ids, self.batch.attention_mask)


def batches_for(encoder: Encoder, dataset: str, batch_size: int) -> list[Work]:
    """Make the batches of a dataset of sentences for a loaded backend; see `make_batches`."""
    return make_batches(encoder.tokenizer, encoder.settings, dataset, batch_size)


def make_batches(
    tokenizer: Tokenizer, settings: EncoderSettings, dataset: str, batch_size: int
) -> list[Work]:
    """Make the batches of a dataset of sentences, `BATCHES` of them."""
    sentences = make_sentences(dataset, tokenizer, BATCHES * batch_size)
    tokens = tokenize(tokenizer, sentences)
    flop = [settings.count_flop(len(text)) for text in tokens]
    return [
        Work([sentences[row] for row in batch.rows], batch, sum(flop[row] for row in batch.rows))
        for batch in batches(tokens, batch_size, settings.pad_id)
    ]
