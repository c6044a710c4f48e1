"""The usual metrics of rankings: nDCG@10, recall@100 and MRR@10, computed by trec_eval."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from emch.errors import Unavailable

DEPTH = 100
"""The documents of a ranking: as many as the deepest metric looks at."""


def require_trec_eval() -> None:
    """Raise Unavailable where trec_eval's bindings are missing, without importing them."""
    if find_spec("pytrec_eval") is None:
        raise Unavailable(
            "nDCG@10, recall@100 and MRR@10 need the package 'pytrec-eval-terrier': "
            "pip install 'emch[retrieval]'"
        )


def evaluate(
    ranking: NDArray[np.int64], relevant: Sequence[Mapping[int, int]]
) -> dict[str, list[float]]:
    """Return the metrics of each query, as BEIR computes them.

    nDCG is that of Jarvelin and Kekalainen, "Cumulated gain-based evaluation of IR techniques",
    2002, with the score itself as the gain and log2(1 + rank) as the discount; see
    `beir/retrieval/evaluation.py`. trec_eval knows the reciprocal rank without a depth alone, so
    it gets the first ten documents for that.

    Parameters
    ----------
    ranking : ndarray of int64, shape [queries, DEPTH]
        Positions of documents, the most similar first; -1 where there is no further one.
    relevant : sequence of mapping of int to int
        For each query the scores of the documents that answer it, all above 0, by position.

    Returns
    -------
    dict of str to list of float
        By the name of the metric a value from 0 to 1 for each query.
    """
    from pytrec_eval import RelevanceEvaluator

    judged = {
        str(query): {str(document): score for document, score in scores.items()}
        for query, scores in enumerate(relevant)
    }
    evaluator = RelevanceEvaluator(judged, {"ndcg_cut.10", "recall.100", "recip_rank"})
    ten, hundred = (evaluator.evaluate(_as_run(ranking[:, :depth])) for depth in (10, DEPTH))
    return {
        "ndcg_at_10": [ten[query]["ndcg_cut_10"] for query in judged],
        "recall_at_100": [hundred[query]["recall_100"] for query in judged],
        "mrr_at_10": [ten[query]["recip_rank"] for query in judged],
    }


def _as_run(ranking: NDArray[np.int64]) -> dict[str, dict[str, float]]:
    """Return trec_eval's form of a ranking; it sorts by similarity, so a rank stands for one."""
    return {
        str(query): {
            str(document): -float(rank) for rank, document in enumerate(row) if document >= 0
        }
        for query, row in enumerate(ranking.tolist())
    }
