"""The stub's session with an eye on it: it remembers its batches, and does what it is told."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from emch.arrays import FloatArray, IntArray
from emch.backends import stub
from emch.backends.base import SessionInfo
from emch.backends.stub import HIDDEN, StubSession, hash_pieces, make_tokenizer
from emch.models.settings import write_settings

TOKENIZER = make_tokenizer()
# Sizes as of a layer, so that operations can be counted.
SETTINGS = replace(stub.SETTINGS, linear_size=12 * HIDDEN**2, attention_size=HIDDEN)


def write_model(folder: Path) -> Path:
    """Write what an encoder reads beside a network."""
    TOKENIZER.save(str(folder / "tokenizer.json"))
    write_settings(folder, SETTINGS)
    return folder


class ToySession(StubSession):
    """A stub on a few words, which can compile, wait or raise."""

    def __init__(self, streams: int = 1, on_run: Callable[[IntArray], None] | None = None) -> None:
        info = SessionInfo(
            threads=streams, precision="fp32", provider="toy", library="toy 1", streams=streams
        )
        super().__init__(hash_pieces(TOKENIZER), info)
        self.seen: list[tuple[IntArray, IntArray]] = []
        self.compiled: list[float] = []
        self._on_run = on_run

    @property
    def compile_s(self) -> Sequence[float]:
        return self.compiled

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        self.seen.append((input_ids, attention_mask))
        if self._on_run:
            self._on_run(input_ids)
        return super().run(input_ids, attention_mask)
