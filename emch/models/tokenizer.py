"""A model's tokenizer, as every part of emch uses it."""

from pathlib import Path

from tokenizers import Tokenizer


def load_tokenizer(folder: Path, max_tokens: int) -> Tokenizer:
    """Load a fast tokenizer that cuts texts to `max_tokens` and pads nothing."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer
