"""Semantic search: encode queries and titles, find each query's top title, count the hits."""

import time
from dataclasses import dataclass

from emch.datasets.base import RetrievalDataset
from emch.tasks.encoding import Encoder, Spent
from emch.tasks.retrieval import count_hits, top_document


@dataclass(frozen=True)
class SearchResult:
    """One semantic search over a dataset.

    Attributes
    ----------
    hits : int
        Queries whose top title is relevant.
    encode_s : float
        Seconds to encode all texts, tokenizing and pooling included.
    search_s : float
        Seconds to compare all pairs.
    spent : Spent
        Where the time of encoding went.
    """

    hits: int
    encode_s: float
    search_s: float
    spent: Spent


def search(encoder: Encoder, dataset: RetrievalDataset, batch_size: int) -> SearchResult:
    """Run the task once.

    Parameters
    ----------
    encoder : Encoder
        A loaded backend.
    dataset : RetrievalDataset
        Queries, titles and judgements.
    batch_size : int
        Texts that go through the engine at a time.
    """
    spent = Spent()
    start = time.perf_counter()
    titles = encoder.encode(dataset.titles, batch_size, spent=spent)
    queries = encoder.encode(dataset.queries, batch_size, spent=spent)
    encoded = time.perf_counter()
    hits = count_hits(top_document(queries, titles), dataset.relevant)
    return SearchResult(hits, encoded - start, time.perf_counter() - encoded, spent)
