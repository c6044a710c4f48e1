"""Model parts: how long each part of the model takes, on what a real batch hands to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Options, TextSession
from emch.datasets.sentences import NAMES_HELP, require_sentences
from emch.encoding.batching import tokenize
from emch.encoding.encoder import Encoder
from emch.errors import InvalidInput, Unavailable
from emch.models.head import pool
from emch.models.settings import EncoderSettings
from emch.scenarios.callers import Call
from emch.tasks.base import BATCH_SIZE_OPTION, Outcome
from emch.tasks.sentence_encoding import FixedShapes, Work, batches_for

PARTS = ("tokenizer", "embeddings", "layer", "encoder", "pooling", "whole")


@dataclass(frozen=True, kw_only=True)
class ModelParts(FixedShapes):
    """Time one part by itself; a call is one batch through it.

    Attributes
    ----------
    part : {"tokenizer", "embeddings", "layer", "encoder", "pooling", "whole"}
        Texts to tokens; tokens to hidden states; hidden states through the first layer or through
        all; hidden states to embeddings; tokens to the last hidden states. The
        preparation of the mask for the layers is in the whole alone.
    """

    name: ClassVar[str] = "model-parts"
    summary: ClassVar[str] = (
        "Time one part of the model by itself: tokenizer, embeddings, layers, pooling."
    )

    dataset: str = field(metadata={"default": "sentences-128", "help": NAMES_HELP})
    batch_size: int = field(metadata=BATCH_SIZE_OPTION)
    part: str = field(metadata={"choices": PARTS, "help": "What to time."})

    def require_inputs(self, options: Options) -> None:
        """See `Task.require_inputs`."""
        super().require_inputs(options)
        require_sentences(self.dataset)
        if self.part not in PARTS:
            raise InvalidInput(f"unknown part '{self.part}'; there are: {', '.join(PARTS)}")

    def run(self, encoder: Encoder) -> Outcome:
        """Warm up, then time calls of the part; `call_s` has a sample for each."""
        work = batches_for(encoder, self.dataset, self.batch_size)
        return self.measure_calls([encoder], [part_calls(encoder, self.part, work)], work)


def part_calls(encoder: Encoder, part: str, work: Sequence[Work]) -> list[Call]:
    """Return what runs one of `PARTS` on each batch.

    Raises
    ------
    Unavailable
        The backend cannot be cut into parts.
    """
    if part == "tokenizer":
        return [partial(tokenize, encoder.tokenizer, item.texts) for item in work]
    session = encoder.session
    if isinstance(session, TextSession) or session.pools:
        raise Unavailable(f"the backend '{encoder.name}' cannot be cut into parts")
    if part == "whole":
        return [item.call(encoder) for item in work]
    if part == "pooling":
        hidden = [session.run(item.batch.input_ids, item.batch.attention_mask) for item in work]
        return [
            partial(_embed, states, item.batch.attention_mask, encoder.settings)
            for states, item in zip(hidden, work, strict=True)
        ]
    bind = session.part(part)
    return [bind(item.batch.input_ids, item.batch.attention_mask) for item in work]


def _embed(hidden: FloatArray, attention_mask: IntArray, settings: EncoderSettings) -> FloatArray:
    return settings.finish(pool(hidden, attention_mask, settings.pooling))
