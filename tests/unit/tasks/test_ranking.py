"""The metrics of rankings are those of their definitions."""

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emch.errors import Unavailable
from emch.tasks import ranking
from emch.tasks.ranking import DEPTH, evaluate, require_trec_eval

DOCUMENTS = 150
NONE = -1


def ranked(*documents: int) -> np.ndarray:
    return np.array([[*documents, *[NONE] * (DEPTH - len(documents))]])


def gain(scores: list[int]) -> float:
    return sum(score / log2(1 + rank) for rank, score in enumerate(scores[:10], start=1))


def plain(documents: list[int], relevant: dict[int, int]) -> dict[str, list[float]]:
    """Compute the metrics of one query word for word as they are defined."""
    found = [relevant.get(document, 0) for document in documents]
    first = next((rank for rank, score in enumerate(found[:10], start=1) if score), None)
    return {
        "ndcg_at_10": [gain(found) / gain(sorted(relevant.values(), reverse=True))],
        "recall_at_100": [sum(map(bool, found[:100])) / len(relevant)],
        "mrr_at_10": [1 / first if first else 0.0],
    }


def assert_same(found: dict[str, list[float]], wanted: dict[str, list[float]]) -> None:
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        assert found[name] == pytest.approx(values, abs=1e-6), name


@given(
    st.permutations(range(DOCUMENTS)),
    st.integers(0, DEPTH),
    st.dictionaries(st.integers(0, DOCUMENTS - 1), st.integers(1, 3), min_size=1, max_size=40),
)
def test_metrics_are_those_of_their_definitions(
    documents: list[int], length: int, relevant: dict[int, int]
) -> None:
    found = evaluate(ranked(*documents[:length]), [relevant])
    assert_same(found, plain(documents[:length], relevant))


@pytest.mark.parametrize(("before", "value"), [(0, 1.0), (1, 1 / 2), (9, 1 / 10), (10, 0.0)])
def test_reciprocal_rank_looks_at_ten_documents(before: int, value: float) -> None:
    found = evaluate(ranked(*range(1, before + 1), 0), [{0: 1}])
    assert found["mrr_at_10"] == pytest.approx([value])


@pytest.mark.parametrize(("first", "value"), [(5, 1.0), (6, (1 + 2 / log2(3)) / (2 + 1 / log2(3)))])
def test_order_of_graded_scores_counts_for_ndcg_alone(first: int, value: float) -> None:
    relevant = {5: 2, 6: 1}
    found = evaluate(ranked(first, 11 - first), [relevant])
    assert found["ndcg_at_10"] == pytest.approx([value])
    assert (found["recall_at_100"], found["mrr_at_10"]) == ([1.0], [1.0])


def test_queries_keep_their_order() -> None:
    queries = 12  # "10" and "11" come before "2" where names are sorted
    rows = np.concatenate([ranked(*range(1, rank), 0) for rank in range(1, queries + 1)])
    found = evaluate(rows, [{0: 1}] * queries)
    wanted = [1 / rank if rank <= 10 else 0.0 for rank in range(1, queries + 1)]
    assert found["mrr_at_10"] == pytest.approx(wanted)


def test_missing_library_is_unavailable_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    require_trec_eval()
    monkeypatch.setattr(ranking, "find_spec", lambda _: None)
    with pytest.raises(
        Unavailable, match=r"'pytrec-eval-terrier': pip install 'emch\[retrieval\]'"
    ):
        require_trec_eval()
