"""The stub: hashed words in place of a network, for trying emch out where there is no engine.

It stands for no engine and no model. What it answers is the same everywhere, takes no download, and
finds a text by the words that it shares with another one alone.
"""

import hashlib
import string
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Options, Session, SessionInfo
from emch.datasets.registry import load_dataset
from emch.models.artifacts import Artifact, keep_own
from emch.models.head import Step
from emch.models.settings import ROLES, EncoderSettings, Prompt, write_settings
from emch.models.tokenizer import TOKENIZER, load_tokenizer

VERSION = "1"
HIDDEN = 256
MAX_TOKENS = 256
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
FILLERS = ("one", "two", "three")
"""Words that a sentence of any number of tokens can be filled up with."""

SETTINGS = EncoderSettings(
    max_tokens=MAX_TOKENS,
    pad_id=SPECIAL.index("[PAD]"),
    hidden_size=HIDDEN,
    linear_size=0,  # a word is looked up, and nothing is multiplied
    attention_size=0,
    pooling=("mean",),
    prompts={role: Prompt() for role in ROLES},
    steps=(Step("Normalize"),),
)


class StubSession(Session):
    """Looks the hash of each token up."""

    def __init__(self, hashes: FloatArray, info: SessionInfo) -> None:
        self.info = info
        self._hashes = hashes

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:  # noqa: ARG002 - it hashes each token
        """Run one batch; see `Session.run`."""
        hidden: FloatArray = self._hashes[input_ids]
        return hidden


class Stub(Backend):
    """Hashed words; its figures are those of no engine."""

    name = "stub"
    artifact = "stub"
    precision = "fp32"
    modules: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def own_model(cls) -> Artifact:
        """Return a tokenizer and settings, and no network; see `Backend.own_model`."""
        return keep_own(cls.artifact, VERSION, write_model)

    @classmethod
    def load(cls, folder: Path, options: Options) -> StubSession:
        """Hash the words of the tokenizer; see `Backend.load`."""
        info = SessionInfo(
            threads=options.threads,
            precision=cls.precision,
            provider="hashed words",
            library=f"stub {VERSION}",
        )
        return StubSession(hash_pieces(load_tokenizer(folder)), info)


def write_model(folder: Path) -> dict[str, str]:
    """Write what an encoder reads beside a network, and return the details for its manifest."""
    make_tokenizer(read_words()).save(str(folder / TOKENIZER))
    write_settings(folder, SETTINGS)
    return {"origin": "a stub: hashed words, and no model"}


def make_tokenizer(words: Iterable[str] = FILLERS) -> Tokenizer:
    """Return a tokenizer as BERT's, that knows some words and spells out all others."""
    letters = string.ascii_lowercase + string.digits
    spelled = [*letters, *(f"##{letter}" for letter in letters), *".,-()"]
    pieces = dict.fromkeys([*SPECIAL, *spelled, *words])
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106 - no secret
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    special = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=special)
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def hash_pieces(tokenizer: Tokenizer) -> FloatArray:
    """Return -1 or 1 for each bit of the hash of each piece that a tokenizer knows.

    Two such vectors of different pieces are nearly orthogonal, as those of random indexing are
    (Kanerva et al., "Random indexing of text samples for latent semantic analysis", 2000).

    Returns
    -------
    ndarray of float32, shape [pieces, HIDDEN]
        In the order of the ids.
    """
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    hashes = [hashlib.shake_128(piece.encode()).digest(HIDDEN // 8) for piece, _ in pieces]
    bits = np.unpackbits(np.frombuffer(b"".join(hashes), dtype=np.uint8)).reshape(-1, HIDDEN)
    return 2 * bits.astype(np.float32) - 1


def read_words() -> list[str]:
    """Return the words of the dataset that is part of emch, and the fillers."""
    mini = load_dataset("mini")
    normalizer, parter = BertNormalizer(), BertPreTokenizer()
    found = {
        word
        for text in (*mini.queries, *mini.documents)
        for word, _ in parter.pre_tokenize_str(normalizer.normalize_str(text))
    }
    return [*FILLERS, *sorted(found)]
