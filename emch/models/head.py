"""From hidden states to embeddings: pooling, and what a model does after it.

The modes of pooling and the steps are those of sentence-transformers, by its names and formulas.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from emch.arrays import FloatArray, IntArray

LEAST = 1e-12
"""Below this length an embedding is not scaled any further, as in PyTorch's `normalize`."""

ACTIVATIONS: Mapping[str, Callable[[Any], Any]] = {
    "Identity": lambda values: values,
    "Tanh": np.tanh,
    "ReLU": lambda values: np.maximum(values, 0),
    "Sigmoid": lambda values: 1 / (1 + np.exp(-values)),
}
"""What a Dense module may end in, by PyTorch's name of its class."""


def _mean(mask: FloatArray) -> FloatArray:
    weights: FloatArray = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1e-9)
    return weights


def _mean_sqrt_len(mask: FloatArray) -> FloatArray:
    weights: FloatArray = mask / np.sqrt(np.maximum(mask.sum(axis=1, keepdims=True), 1e-9))
    return weights


def _weighted_mean(mask: FloatArray) -> FloatArray:
    return _mean(mask * np.arange(1, mask.shape[1] + 1, dtype=np.float32))


_WEIGHTS: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "mean": _mean,
    "mean_sqrt_len_tokens": _mean_sqrt_len,
    "weightedmean": _weighted_mean,
}
"""The modes that are a weighted sum over tokens: a mask of [batch, tokens] into the weights."""

POOLINGS = ("cls", "max", "lasttoken", *_WEIGHTS)


def pool(hidden: FloatArray, mask: IntArray, poolings: Sequence[str]) -> FloatArray:
    """Pool hidden states over the tokens of each text.

    Parameters
    ----------
    hidden : ndarray of float32, shape [batch, tokens, hidden]
        The last hidden states.
    mask : ndarray of int64, shape [batch, tokens]
        1 on the tokens that count, 0 on all others.
    poolings : sequence of str
        Of `POOLINGS`; the results of several stand one after the other.

    Returns
    -------
    ndarray of float32, shape [batch, hidden x poolings]
    """
    pooled = [_pool_one(hidden, mask, mode) for mode in poolings]
    return pooled[0] if len(pooled) == 1 else np.concatenate(pooled, axis=1)


def _pool_one(hidden: FloatArray, mask: IntArray, mode: str) -> FloatArray:
    pooled: FloatArray
    texts = np.arange(len(mask))
    if mode == "cls":
        pooled = hidden[texts, mask.argmax(axis=1)]
    elif mode == "lasttoken":
        pooled = hidden[texts, mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)]
    elif mode == "max":
        pooled = np.where(mask[:, :, None] == 1, hidden, -np.inf).max(axis=1)
    else:
        pooled = np.einsum("btd,bt->bd", hidden, _WEIGHTS[mode](mask.astype(np.float32)))
    return pooled


def normalize(embeddings: FloatArray) -> FloatArray:
    """Scale each row of [texts, size] to length 1 (L2); a row of zeros stays one."""
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    scaled: FloatArray = embeddings / np.maximum(lengths, LEAST)
    return scaled


@dataclass(frozen=True)
class Step:
    """One thing that a model does to embeddings after pooling.

    Attributes
    ----------
    kind : {"Dense", "LayerNorm", "Normalize"}
        By the name of the module in sentence-transformers.
    activation : str
        A key of `ACTIVATIONS`; of Dense alone.
    epsilon : float
        Added to the variance; of LayerNorm alone.
    weight, bias : ndarray of float32 or None
        Of Dense [outputs, inputs] and [outputs]; of LayerNorm both [inputs].
    """

    kind: str
    activation: str = "Identity"
    epsilon: float = 0.0
    weight: FloatArray | None = None
    bias: FloatArray | None = None

    def __call__(self, embeddings: FloatArray) -> FloatArray:
        """Apply it to embeddings of shape [texts, inputs]."""
        if self.kind == "Normalize" or self.weight is None:
            return normalize(embeddings)
        bias = 0 if self.bias is None else self.bias
        if self.kind == "Dense":
            dense: FloatArray = ACTIVATIONS[self.activation](embeddings @ self.weight.T + bias)
            return dense
        centred = embeddings - embeddings.mean(axis=1, keepdims=True)
        scale = np.sqrt(centred.var(axis=1, keepdims=True) + self.epsilon)
        normed: FloatArray = centred / scale * self.weight + bias
        return normed
