"""Startup: what a process pays before its first answer."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tokenizers import Tokenizer

from emch.backends.base import Options
from emch.datasets.sentences import NAMES_HELP, make_sentences, require_sentences
from emch.encoding.encoder import Encoder
from emch.models.settings import EncoderSettings
from emch.tasks.base import BATCH_SIZE_OPTION, Outcome, Task


@dataclass(frozen=True, kw_only=True)
class Startup(Task):
    """Encode one batch of sentences, the first that the session sees.

    Import, load, memory after load and the artifact's size are in the record of every task.
    """

    name: ClassVar[str] = "startup"
    summary: ClassVar[str] = "Time import, load and the first call."

    dataset: str = field(metadata={"default": "sentences-16", "help": NAMES_HELP})
    batch_size: int = field(metadata=BATCH_SIZE_OPTION)

    def require_inputs(self, options: Options) -> None:
        """See `Task.require_inputs`."""
        super().require_inputs(options)
        require_sentences(self.dataset)

    def for_program(self, tokenizer: Tokenizer, settings: EncoderSettings) -> Mapping[str, Any]:  # noqa: ARG002 - texts need no settings
        """See `Task.for_program`."""
        return {"texts": make_sentences(self.dataset, tokenizer, self.batch_size)}

    def run(self, encoder: Encoder) -> Outcome:
        """Make the first call, tokenizer and pooling included."""
        sentences = make_sentences(self.dataset, encoder.tokenizer, self.batch_size)
        start = time.perf_counter()
        encoder.encode(sentences, self.batch_size)
        return Outcome(samples={"first_call_s": [time.perf_counter() - start]})
