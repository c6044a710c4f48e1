"""Startup: what a process pays before its first answer."""

import time
from dataclasses import dataclass
from typing import ClassVar

from emch.backends.base import Options
from emch.datasets.sentences import make_sentences, require_sentences
from emch.encoding.encoder import Encoder
from emch.tasks.base import Outcome, Task


@dataclass(frozen=True, kw_only=True)
class Startup(Task):
    """Encode one batch of sentences, the first that the session sees.

    Import, load, memory after load and the artifact's size are in the record of every task.
    """

    name: ClassVar[str] = "startup"

    def require_inputs(self, options: Options) -> None:
        """See `Task.require_inputs`."""
        super().require_inputs(options)
        require_sentences(self.dataset)

    def run(self, encoder: Encoder) -> Outcome:
        """Make the first call, tokenizer and pooling included."""
        sentences = make_sentences(self.dataset, encoder.tokenizer, self.batch_size)
        start = time.perf_counter()
        encoder.encode(sentences, self.batch_size)
        return Outcome(samples={"first_call_s": [time.perf_counter() - start]})
