"""Search in blocks finds what a plain argmax over all pairs finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emch.tasks.retrieval import count_hits, top_document

HIDDEN = 3


def matrices(least: int) -> st.SearchStrategy[np.ndarray]:
    """Return a strategy of small whole numbers: products are exact and ties are common."""
    shape = st.tuples(st.integers(least, 9), st.just(HIDDEN))
    return arrays(np.float32, shape, elements=st.integers(-2, 2).map(float))


@pytest.mark.parametrize("block", [1, 2, 3, 8, 1000])
@given(queries=matrices(0), documents=matrices(1))
def test_blocks_find_what_a_plain_argmax_finds(
    queries: np.ndarray, documents: np.ndarray, block: int
) -> None:
    plain = (queries @ documents.T).argmax(axis=1)
    np.testing.assert_array_equal(top_document(queries, documents, block), plain)


def test_default_block_finds_it_among_several_blocks() -> None:
    random = np.random.default_rng(0)
    queries, documents = (
        random.integers(-9, 9, (rows, 4)).astype(np.float32) for rows in (1030, 2100)
    )
    plain = (queries @ documents.T).argmax(axis=1)
    np.testing.assert_array_equal(top_document(queries, documents), plain)


@pytest.mark.parametrize("block", [1, 2, 4])
def test_of_equals_the_first_document_wins(block: int) -> None:
    documents = np.array([[0, 1], [1, 0], [1, 0], [1, 0]], dtype=np.float32)
    assert top_document(documents[1:2], documents, block).tolist() == [1]


def test_document_that_is_the_opposite_of_the_query_can_still_win() -> None:
    query, document = (np.array([[value]], dtype=np.float32) for value in (1, -1))
    assert top_document(query, document).tolist() == [0]


@pytest.mark.parametrize(
    ("top", "hits"),
    [([0, 2, 1], 3), ([1, 2, 1], 3), ([1, 1, 1], 2), ([2, 2, 0], 1), ([2, 0, 0], 0)],
)
def test_hit_is_a_top_document_that_is_relevant(top: list[int], hits: int) -> None:
    relevant = [frozenset({0, 1}), frozenset({2}), frozenset({1})]
    assert count_hits(np.array(top), relevant) == hits


def test_every_query_needs_a_judgement() -> None:
    with pytest.raises(ValueError, match="zip"):
        count_hits(np.array([0, 1]), [frozenset({0})])
