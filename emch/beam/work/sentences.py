"""Sentence encoding: a text to its embedding, on any backend of emch and any prepared model."""

from collections.abc import Sequence
from dataclasses import asdict
from threading import Lock
from typing import Any

from emch.backends.registry import make_options
from emch.beam.work.base import Loaded, Work, find_text
from emch.encoding.check import cosine_to_reference
from emch.encoding.encoder import Encoder, load_encoder


class LoadedEncoder(Loaded):
    """An encoder, which makes one batch of the engine of each batch of Beam's."""

    def __init__(self, encoder: Encoder, *, keep: bool) -> None:
        self.encoder = encoder
        self._keep = keep
        self._alone = Lock()  # a runner may call from several threads

    def run(self, batch: Sequence[str]) -> list[Any]:
        """Return embeddings as lists of numbers, or None for each where nobody keeps them."""
        with self._alone:
            found = self.encoder.encode(batch, len(batch))
        return found.tolist() if self._keep else [None] * len(batch)


class SentenceEncoding(Work):
    """A text stays a text: the encoder has the tokenizer."""

    def prepare(self, raw: Any) -> str:
        """See `Work.prepare`."""
        return find_text(raw)

    def load(self) -> LoadedEncoder:
        """See `Work.load`."""
        asked = self.asked
        options = make_options(asked.backend, threads=asked.threads)
        encoder = load_encoder(asked.backend, asked.model, options)
        return LoadedEncoder(encoder, keep=asked.keep_answers)

    def check(self) -> tuple[dict[str, Any], float | None]:
        """Hold its embeddings against the reference; see `Work.check`."""
        encoder = self.load().encoder
        cosine = cosine_to_reference(encoder, self.asked.model, self.asked.max_batch_size)
        return asdict(encoder.info), cosine

    def count_bytes(self, ready: Any) -> int:
        """See `Work.count_bytes`."""
        return len(ready.encode())

    def length(self, ready: Any) -> int:
        """See `Work.length`: characters stand for tokens."""
        return len(ready)
