"""Text encoding: every text of a file, for who has texts and no answers to score by."""

import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from emch.backends.base import Options
from emch.datasets.texts import read_texts
from emch.encoding.encoder import Encoder, Spent
from emch.tasks.base import BATCH_SIZE_OPTION, Outcome, Task


@dataclass(frozen=True, kw_only=True)
class TextEncoding(Task):
    """Encode all texts of a file.

    Attributes
    ----------
    file : str
        The file; see `emch.datasets.texts.read_texts`.
    """

    name: ClassVar[str] = "text-encoding"
    summary: ClassVar[str] = "Encode every text of a file."

    dataset: str = field(
        metadata={"default": "texts", "help": "The name that the figures are kept under."}
    )
    batch_size: int = field(metadata=BATCH_SIZE_OPTION)
    file: str = field(metadata={"path": True, "help": "One text a line, or JSON lines."})

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The texts of the file."""
        return read_texts(Path(self.file))

    def require_inputs(self, options: Options) -> None:
        """See `Task.require_inputs`."""
        super().require_inputs(options)
        _ = self.texts

    def run(self, encoder: Encoder) -> Outcome:
        """Encode once; `batch_s` has a sample for each call of the engine."""
        texts, spent = self.texts, Spent()
        start = time.perf_counter()
        encoder.encode(texts, self.batch_size, spent=spent)
        encoded = time.perf_counter() - start
        return Outcome(
            counts={
                "texts": len(texts),
                **spent.counts,
            },
            samples={
                **spent.parts,
                "encode_s": [encoded],
                "batch_s": spent.batch_s,
            },
        )
