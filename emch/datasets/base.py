"""The type that every retrieval dataset is loaded into."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class RetrievalDataset:
    """Queries, the titles to search, and which titles answer which query.

    Attributes
    ----------
    queries : tuple of str
        The judged queries, in the file's order.
    titles : tuple of str
        The titles of all documents, in the file's order.
    relevant : tuple of frozenset of int
        For each query the positions in `titles` that answer it; never empty.
    """

    queries: tuple[str, ...]
    titles: tuple[str, ...]
    relevant: tuple[frozenset[int], ...]

    def limited(self, limit: int | None) -> "RetrievalDataset":
        """Keep the first `limit` queries and all titles, so that a hit stays as hard as it was."""
        if limit is None:
            return self
        return replace(self, queries=self.queries[:limit], relevant=self.relevant[:limit])
