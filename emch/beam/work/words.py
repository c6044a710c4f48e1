"""Language modeling: a text with a masked word to the token that BERT puts there."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from emch.arrays import FloatArray, IntArray
from emch.backends.network import Feeds
from emch.beam.work.architectures import MASK
from emch.beam.work.base import find_text
from emch.beam.work.network import NetworkWork
from emch.errors import Poisoned
from emch.models.tokenizer import load_tokenizer


class LanguageModeling(NetworkWork):
    """A text becomes its token ids, with the last word but one masked, as in Beam's example."""

    def prepare(self, raw: Any) -> IntArray:
        """Mask a word, and tokenize; see `Work.prepare`."""
        words = find_text(raw).split()
        if len(words) < 2:
            raise Poisoned("there is no word but one to mask in it")
        tokenizer = _tokenizer(self.found.folder)
        ids = tokenizer.encode(" ".join([*words[:-2], MASK, words[-1]])).ids
        if tokenizer.token_to_id(MASK) not in ids:
            raise Poisoned("it is so long that the masked word is cut off")
        return np.array(ids, np.int64)

    def feeds(self, batch: Sequence[Any]) -> Feeds:
        """Pad texts to the longest of the batch; see `NetworkWork.feeds`."""
        lengths = np.array([len(ids) for ids in batch])
        mask = np.arange(lengths.max()) < lengths[:, None]
        input_ids = np.zeros(mask.shape, np.int64)
        input_ids[mask] = np.concatenate(batch)
        return {
            "input_ids": input_ids,
            "attention_mask": mask.astype(np.int64),
            "token_type_ids": np.zeros_like(input_ids),
        }

    def answers(self, batch: Sequence[Any], logits: FloatArray) -> list[Any]:
        """Return the token at the masked place of each text."""
        tokenizer = _tokenizer(self.found.folder)
        masked = tokenizer.token_to_id(MASK)
        places = [int(np.flatnonzero(ids == masked)[0]) for ids in batch]
        found = (int(row[place].argmax()) for row, place in zip(logits, places, strict=True))
        return [tokenizer.id_to_token(token) for token in found]


@cache
def _tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer of a network, read once a process."""
    return load_tokenizer(folder)
