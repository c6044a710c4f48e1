"""Semantic search: encode queries and titles, find each query's top title, count the hits."""

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from emch.backends.base import Options
from emch.datasets.base import RetrievalDataset
from emch.datasets.registry import load_dataset
from emch.tasks.base import Outcome, Task
from emch.tasks.encoding import Encoder, Spent
from emch.tasks.retrieval import count_hits, top_document


@dataclass(frozen=True, kw_only=True)
class SemanticSearch(Task):
    """All queries of a dataset against all its titles.

    Attributes
    ----------
    data : str or None
        The dataset's folder, where it is not in the usual places.
    limit : int or None
        The number of queries, or None for all.
    """

    name: ClassVar[str] = "semantic-search"

    data: str | None = None
    limit: int | None = None

    @cached_property
    def texts(self) -> RetrievalDataset:
        """The dataset."""
        folder = Path(self.data) if self.data else None
        return load_dataset(self.dataset, folder).limited(self.limit)

    def require_inputs(self, options: Options) -> None:  # noqa: ARG002 - it depends on none
        """See `Task.require_inputs`."""
        _ = self.texts

    def run(self, encoder: Encoder) -> Outcome:
        """Search once; `batch_s` has a sample for each call of the engine."""
        texts, spent = self.texts, Spent()
        start = time.perf_counter()
        titles = encoder.encode(
            texts.titles, self.batch_size, role="document", normalize=True, spent=spent
        )
        queries = encoder.encode(
            texts.queries, self.batch_size, role="query", normalize=True, spent=spent
        )
        encoded = time.perf_counter()
        hits = count_hits(top_document(queries, titles), texts.relevant)
        searched = time.perf_counter()
        # A backend that encodes texts by itself does not say what it does, and for how long.
        known = spent.tokens > 0
        return Outcome(
            counts={
                "queries": len(texts.queries),
                "documents": len(texts.titles),
                "hits": hits,
                **({"tokens": spent.tokens, "flop": spent.flop} if known else {}),
            },
            samples={
                **({"tokenize_s": [spent.tokenize_s], "pool_s": [spent.pool_s]} if known else {}),
                "encode_s": [encoded - start],
                "search_s": [searched - encoded],
                "batch_s": spent.batch_s,
            },
        )
