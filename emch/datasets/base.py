"""The type that every retrieval dataset is loaded into."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

TITLE = "title"
FIELDS = (TITLE, "title,text")
"""What of a document can be searched: its title, or both joined with a space, as BEIR does."""


@dataclass(frozen=True)
class RetrievalDataset:
    """Queries, the documents to search, and which documents answer which query.

    Attributes
    ----------
    queries : tuple of str
        The judged queries, in the file's order.
    documents : tuple of str
        The texts of all documents, in the file's order: one of `FIELDS`.
    relevant : tuple of mapping of int to int
        For each query the scores of the documents that answer it, all above 0, by their
        positions in `documents`; never empty.
    same_id : tuple of int
        For each query the position of the document that has the query's id, or -1 for none.
    """

    queries: tuple[str, ...]
    documents: tuple[str, ...]
    relevant: tuple[Mapping[int, int], ...]
    same_id: tuple[int, ...]

    def limited(self, limit: int | None) -> "RetrievalDataset":
        """Keep the first `limit` queries and all documents, so that a hit is as hard as before."""
        if limit is None:
            return self
        return replace(
            self,
            queries=self.queries[:limit],
            relevant=self.relevant[:limit],
            same_id=self.same_id[:limit],
        )
