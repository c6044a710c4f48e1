"""Hidden states into embeddings."""

import numpy as np

from emch.backends.base import FloatArray, IntArray


def pool(hidden: FloatArray, attention_mask: IntArray, pooling: str) -> FloatArray:
    """Pool hidden states over the tokens of each text.

    Parameters
    ----------
    hidden : ndarray of float32, shape [batch, tokens, hidden]
        The last hidden states.
    attention_mask : ndarray of int64, shape [batch, tokens]
        1 on tokens, 0 on padding; at least one token each.
    pooling : {"mean", "cls"}
        The mean over the tokens, or the first token.

    Returns
    -------
    ndarray of float32, shape [batch, hidden]
    """
    if pooling == "cls":
        return hidden[:, 0]
    weights = attention_mask.astype(np.float32)
    weights /= weights.sum(axis=1, keepdims=True)
    pooled: FloatArray = np.einsum("btd,bt->bd", hidden, weights)
    return pooled


def normalize(embeddings: FloatArray) -> FloatArray:
    """Scale each row of [texts, hidden] to length 1 (L2)."""
    scaled: FloatArray = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    return scaled
