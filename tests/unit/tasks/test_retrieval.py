"""Search in blocks finds what a plain sort of all pairs finds."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emch.tasks.retrieval import BLOCK, find_hits, top_documents

HIDDEN = 3


def matrices(least: int) -> st.SearchStrategy[np.ndarray]:
    """Return a strategy of small whole numbers: products are exact and ties are common."""
    shape = st.tuples(st.integers(least, 9), st.just(HIDDEN))
    return arrays(np.float32, shape, elements=st.integers(-2, 2).map(float))


def plain_sort(similarity: np.ndarray, count: int) -> np.ndarray:
    """Sort whole rows, and fill up with -1 what is shorter than asked for, or is left out."""
    order = np.argsort(-similarity, axis=1, kind="stable")[:, :count]
    order[np.isneginf(np.take_along_axis(similarity, order, axis=1))] = -1
    return np.pad(order, ((0, 0), (0, count - order.shape[1])), constant_values=-1)


@pytest.mark.parametrize("block", [1, 2, 3, 8, 1000])
@pytest.mark.parametrize("count", [1, 2, 4, 20])
@given(queries=matrices(0), documents=matrices(1))
def test_blocks_find_what_a_plain_sort_finds(
    queries: np.ndarray, documents: np.ndarray, block: int, count: int
) -> None:
    found = top_documents(queries, documents, count, block=block)
    np.testing.assert_array_equal(found, plain_sort(queries @ documents.T, count))


@pytest.mark.parametrize("block", [1, 2, 8, 1000])
@pytest.mark.parametrize("count", [1, 2, 20])
@given(queries=matrices(0), documents=matrices(1), drawn=st.data())
def test_query_never_finds_the_document_that_it_must_not(
    queries: np.ndarray, documents: np.ndarray, drawn: st.DataObject, block: int, count: int
) -> None:
    position = st.integers(-1, len(documents) - 1)
    left_out = drawn.draw(arrays(np.int64, len(queries), elements=position))
    similarity = queries @ documents.T
    for query, document in enumerate(left_out):
        similarity[query, document] = -np.inf if document >= 0 else similarity[query, document]
    found = top_documents(queries, documents, count, left_out=left_out, block=block)
    np.testing.assert_array_equal(found, plain_sort(similarity, count))


def test_default_block_finds_it_among_several_blocks() -> None:
    random = np.random.default_rng(0)
    queries, documents = (
        random.integers(-9, 9, (rows, 4)).astype(np.float32) for rows in (1030, 2100)
    )
    similarity = queries @ documents.T
    for count in (1, 100):
        found = top_documents(queries, documents, count)
        np.testing.assert_array_equal(found, plain_sort(similarity, count))


@pytest.mark.parametrize("block", [1, 2, 4])
def test_of_equals_the_first_document_wins(block: int) -> None:
    documents = np.array([[0, 1], [1, 0], [1, 0], [1, 0]], dtype=np.float32)
    assert top_documents(documents[1:2], documents, block=block).tolist() == [[1]]
    assert top_documents(documents[1:2], documents, 3, block=block).tolist() == [[1, 2, 3]]


def test_document_that_is_the_opposite_of_the_query_can_still_win() -> None:
    query, document = (np.array([[value]], dtype=np.float32) for value in (1, -1))
    assert top_documents(query, document).tolist() == [[0]]


def test_memory_does_not_grow_with_the_documents() -> None:
    random = np.random.default_rng(0)
    queries, documents = (
        random.random((rows, 2), dtype=np.float32) for rows in (BLOCK, 40 * BLOCK)
    )
    peaks = []
    for kept in (documents[: 4 * BLOCK], documents):
        tracemalloc.start()
        top_documents(queries, kept, 100)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_no_document_is_no_hit() -> None:
    assert find_hits(np.array([-1]), [{0: 1}]) == [False]


@pytest.mark.parametrize(
    ("top", "hits"),
    [([0, 2, 1], 3), ([1, 2, 1], 3), ([1, 1, 1], 2), ([2, 2, 0], 1), ([2, 0, 0], 0)],
)
def test_hit_is_a_top_document_that_is_relevant(top: list[int], hits: int) -> None:
    relevant = [{0: 1, 1: 2}, {2: 1}, {1: 1}]
    assert sum(find_hits(np.array(top), relevant)) == hits


def test_every_query_needs_a_judgement() -> None:
    with pytest.raises(ValueError, match="zip"):
        find_hits(np.array([0, 1]), [{0: 1}])
