"""Search by cosine similarity, and how many searches hit."""

from collections.abc import Container, Sequence

import numpy as np
from numpy.typing import NDArray

from emch.arrays import FloatArray

BLOCK = 1024


def top_documents(
    queries: FloatArray,
    documents: FloatArray,
    count: int = 1,
    *,
    left_out: NDArray[np.int64] | None = None,
    block: int = BLOCK,
) -> NDArray[np.int64]:
    """Find the most similar documents of each query.

    All similarities are computed, a block of [block, block] at a time, so memory stays the same
    however many queries and documents there are. Of equals the first document comes first.

    Parameters
    ----------
    queries : ndarray of float32, shape [queries, hidden]
        Embeddings, L2-normalised.
    documents : ndarray of float32, shape [documents, hidden]
        Embeddings, L2-normalised; at least one.
    count : int
        How many documents to find for a query.
    left_out : ndarray of int64, shape [queries], optional
        The position of the one document that a query must not find, or -1 for none.
    block : int
        Rows of either side in a block.

    Returns
    -------
    ndarray of int64, shape [queries, count]
        Positions in `documents`, the most similar first; -1 where there is no further one.
    """
    top = np.full((len(queries), count), -1, dtype=np.int64)
    best = np.full((len(queries), count), -np.inf, dtype=np.float32)
    for first_query in range(0, len(queries), block):
        rows = slice(first_query, first_query + block)
        for first_document in range(0, len(documents), block):
            similarity = queries[rows] @ documents[first_document : first_document + block].T
            if left_out is not None:
                _leave_out(similarity, left_out[rows] - first_document)
            found = _largest(similarity, count)
            values = np.hstack([best[rows], np.take_along_axis(similarity, found, axis=1)])
            positions = np.hstack([top[rows], first_document + found])
            kept = _largest(values, count)
            best[rows] = np.take_along_axis(values, kept, axis=1)
            top[rows] = np.take_along_axis(positions, kept, axis=1)
    return top


def _leave_out(similarity: FloatArray, columns: NDArray[np.int64]) -> None:
    """Put one column of each row below all others; a column outside of the block is none."""
    rows = np.flatnonzero((columns >= 0) & (columns < similarity.shape[1]))
    similarity[rows, columns[rows]] = -np.inf


def _largest(values: FloatArray, count: int) -> NDArray[np.intp]:
    """Return the columns of the largest values of each row, the largest first."""
    columns: NDArray[np.intp]
    if count == 1:  # the same without sorting
        columns = values.argmax(axis=1)[:, None]
    else:
        columns = np.argsort(-values, axis=1, kind="stable")[:, :count]
    return columns


def find_hits(top: NDArray[np.int64], relevant: Sequence[Container[int]]) -> list[bool]:
    """Say of each query whether its top document is relevant."""
    return [
        int(document) in wanted for document, wanted in zip(top.tolist(), relevant, strict=True)
    ]
