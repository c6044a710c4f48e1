"""Search by cosine similarity, and how many searches hit."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emch.arrays import FloatArray

BLOCK = 1024


def top_document(
    queries: FloatArray, documents: FloatArray, block: int = BLOCK
) -> NDArray[np.int64]:
    """Find the most similar document of each query.

    All similarities are computed, a block of [block, block] at a time, so memory stays the same
    however many queries and documents there are. Of equals the first document wins.

    Parameters
    ----------
    queries : ndarray of float32, shape [queries, hidden]
        L2-normalised.
    documents : ndarray of float32, shape [documents, hidden]
        L2-normalised; at least one.
    block : int
        Rows of either side in a block.

    Returns
    -------
    ndarray of int64, shape [queries]
        Positions in `documents`.
    """
    top = np.zeros(len(queries), dtype=np.int64)
    best = np.full(len(queries), -np.inf, dtype=np.float32)
    for first_query in range(0, len(queries), block):
        rows = slice(first_query, first_query + block)
        for first_document in range(0, len(documents), block):
            similarity = queries[rows] @ documents[first_document : first_document + block].T
            winner = similarity.argmax(axis=1)
            value = np.take_along_axis(similarity, winner[:, None], axis=1)[:, 0]
            better = value > best[rows]
            best[rows] = np.where(better, value, best[rows])
            top[rows] = np.where(better, first_document + winner, top[rows])
    return top


def count_hits(top: NDArray[np.int64], relevant: Sequence[frozenset[int]]) -> int:
    """Count the queries whose top document is relevant."""
    return sum(
        int(document) in wanted for document, wanted in zip(top.tolist(), relevant, strict=True)
    )
