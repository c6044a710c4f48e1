"""A tokenizer and a session that need no model: small, quick, and the same everywhere."""

import string
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Session, SessionInfo
from emch.models.head import Step
from emch.models.settings import ROLES, EncoderSettings, Prompt, write_settings

SPECIAL = ("[UNK]", "[CLS]", "[SEP]")
FILLERS = ("one", "two", "three")
HIDDEN = 4
MAX_TOKENS = 64


def make_tokenizer(words: Iterable[str] = FILLERS, max_tokens: int = MAX_TOKENS) -> Tokenizer:
    """Return a tokenizer as BERT's, that knows a few words and spells out all others."""
    letters = string.ascii_lowercase + string.digits
    pieces = [*SPECIAL, *letters, *(f"##{letter}" for letter in letters), *".,-()", *words]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106 - no secret
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


SETTINGS = EncoderSettings(
    max_tokens=MAX_TOKENS,
    pad_id=0,
    hidden_size=HIDDEN,
    linear_size=12 * HIDDEN**2,
    attention_size=HIDDEN,
    pooling=("mean",),
    prompts={role: Prompt() for role in ROLES},
    steps=(Step("Normalize"),),
)


def write_model(folder: Path, settings: EncoderSettings = SETTINGS) -> Path:
    """Write what an encoder reads beside a network."""
    make_tokenizer().save(str(folder / "tokenizer.json"))
    write_settings(folder, settings)
    return folder


class ToySession(Session):
    """Answers with hidden states that tell the tokens, and remembers what it was asked."""

    def __init__(self, streams: int = 1, on_run: Callable[[IntArray], None] | None = None) -> None:
        self.info = SessionInfo(
            threads=streams, precision="fp32", provider="toy", library="toy 1", streams=streams
        )
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
        powers = np.arange(1, HIDDEN + 1)
        hidden: FloatArray = np.cos(input_ids[:, :, None] * powers).astype(np.float32)
        return hidden
