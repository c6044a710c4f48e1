"""Texts into batches of tokens, sorted by length so that little of a batch is padding."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from emch.arrays import IntArray
from emch.errors import InvalidInput

BATCH_SIZE = 16
"""Texts at a time, wherever nobody asks for another number."""

SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class Batch:
    """Some texts as arrays.

    Attributes
    ----------
    rows : ndarray of int64, shape [batch]
        The positions of the texts in the input.
    input_ids, attention_mask : ndarray of int64, shape [batch, tokens]
        Padded on the right to the longest text of the batch.
    """

    rows: NDArray[np.int64]
    input_ids: IntArray
    attention_mask: IntArray


def require_texts(texts: Sequence[str]) -> None:
    """Refuse what no tokenizer takes, with its position.

    Raises
    ------
    InvalidInput
        One of them is no str, or has a lone surrogate, which stands for no character.
    """
    try:
        "".join(texts).encode()  # all at once: looking at each would show in a short call
    except (TypeError, UnicodeEncodeError):
        for position, text in enumerate(texts):
            if not isinstance(text, str):
                raise InvalidInput(
                    f"texts[{position}] is not a text (str) but of the type {type(text).__name__}"
                ) from None
            if found := SURROGATE.search(text):
                raise InvalidInput(
                    f"texts[{position}][{found.start()}] is U+{ord(found[0]):X}, a lone surrogate, "
                    "which is half of a character: remove it"
                ) from None
        raise


def tokenize(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Return the token ids of each text, the special ones included."""
    return [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts))]


def batches(tokens: Sequence[Sequence[int]], batch_size: int, pad_id: int) -> Iterator[Batch]:
    """Group texts of like length; the longest come first, so that memory peaks at once.

    Parameters
    ----------
    tokens : sequence of sequence of int
        The token ids of each text; at least one each.
    batch_size : int
        Texts in a batch; the last batch may have fewer.
    pad_id : int
        The token to pad with.
    """
    lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
    order = np.argsort(-lengths, kind="stable")
    lengths = lengths[order]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    flat = np.fromiter(
        chain.from_iterable(tokens[row] for row in order), dtype=np.int64, count=ends[-1]
    )
    for start in range(0, len(order), batch_size):
        stop = min(start + batch_size, len(order))
        attention_mask = np.arange(lengths[start]) < lengths[start:stop, None]
        input_ids = np.full(attention_mask.shape, pad_id, dtype=np.int64)
        input_ids[attention_mask] = flat[ends[start] : ends[stop]]
        yield Batch(order[start:stop], input_ids, attention_mask.astype(np.int64))
