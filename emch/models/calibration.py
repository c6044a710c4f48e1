"""The texts that tell a quantizer which ranges the inputs of the layers have."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from emch.arrays import IntArray
from emch.datasets import mini
from emch.models.probes import PROBES
from emch.models.tokenizer import load_tokenizer


def calibration_inputs(model: Path, names: set[str]) -> Iterator[dict[str, IntArray]]:
    """Yield the inputs of those names for each text, all of shape [1, tokens].

    The texts are the probes and those of the dataset `mini`; each is a batch of its own, so that no
    padding counts.
    """
    tokenizer = load_tokenizer(model)
    dataset = mini.load(None)
    for text in (*PROBES, *dataset.documents, *dataset.queries):
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        yield {name: value for name, value in inputs.items() if name in names}
