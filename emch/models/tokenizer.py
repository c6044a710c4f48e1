"""A model's tokenizer, as every part of emch uses it."""

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

TOKENIZER = "tokenizer.json"


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load an artifact's tokenizer: it cuts texts at the model's limit and pads nothing."""
    return Tokenizer.from_file(str(folder / TOKENIZER))


def write_tokenizer(original: Any, max_tokens: int, folder: Path) -> Tokenizer:
    """Write a fast tokenizer of transformers as that library uses it, and return it as emch does.

    What transformers takes from other files than tokenizer.json (case, accents, added tokens, the
    side that is cut) is in it then, so these files need not be read again.
    """
    tokenizer = Tokenizer.from_str(original.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens, direction=original.truncation_side)
    tokenizer.save(str(folder / TOKENIZER))
    return tokenizer
