"""Semantic search: encode queries and documents, find each query's top one, count the hits."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from tokenizers import Tokenizer

from emch.backends.base import Options
from emch.datasets.base import FIELDS, TITLE, RetrievalDataset
from emch.datasets.registry import find_dataset, load_dataset
from emch.encoding.encoder import Encoder, Spent
from emch.errors import Unavailable
from emch.models.settings import EncoderSettings
from emch.tasks.base import BATCH_SIZE_OPTION, Outcome, Task
from emch.tasks.ranking import DEPTH, evaluate, require_trec_eval
from emch.tasks.retrieval import find_hits, top_documents


@dataclass(frozen=True, kw_only=True)
class SemanticSearch(Task):
    """All queries of a dataset against all its documents.

    Attributes
    ----------
    fields : str
        What of the documents is searched, one of `emch.datasets.base.FIELDS`. Beside the hit rate
        a search of more than titles has the metrics of `emch.tasks.ranking`.
    exclude_self : bool
        Whether a query never finds the document that has its own id, as in BEIR.
    data : str or None
        The dataset's folder, where it is not in the usual places.
    limit : int or None
        The number of queries, or None for all.
    """

    name: ClassVar[str] = "semantic-search"
    summary: ClassVar[str] = (
        "Encode queries and documents, and count the queries whose top document is right."
    )

    dataset: str = field(metadata={"default": "mini", "help": "As 'emch list' shows."})
    batch_size: int = field(metadata=BATCH_SIZE_OPTION)
    fields: str = field(
        default=TITLE,
        metadata={
            "choices": FIELDS,
            "help": "What to encode of a document; with its text nDCG@10 is reported too.",
        },
    )
    exclude_self: bool = field(
        default=False, metadata={"help": "Leave out a document with the query's own id."}
    )
    data: str | None = field(
        default=None, metadata={"path": True, "help": "The folder of the dataset."}
    )
    limit: int | None = field(default=None, metadata={"help": "Take the first N queries only."})

    @cached_property
    def texts(self) -> RetrievalDataset:
        """The queries and documents of the dataset."""
        folder = Path(self.data) if self.data else None
        return load_dataset(self.dataset, folder, self.fields).limited(self.limit)

    def require_inputs(self, options: Options) -> None:
        """See `Task.require_inputs`."""
        super().require_inputs(options)
        _ = self.texts
        if self.fields != TITLE:
            require_trec_eval()

    def remarks(self) -> Sequence[str]:
        """See `Task.remarks`."""
        found = sum(position >= 0 for position in self.texts.same_id)
        if self.exclude_self or not found:
            return ()
        return (
            f"{found} of {len(self.texts.queries)} queries have the id of a document, and may find "
            "themselves: --exclude-self leaves that document out, as BEIR does",
        )

    def for_program(self, tokenizer: Tokenizer, settings: EncoderSettings) -> Mapping[str, Any]:  # noqa: ARG002 - it reads the dataset itself
        """See `Task.for_program`: a program reads the dataset by itself."""
        if self.fields != TITLE:
            raise Unavailable(
                f"programs in other languages search titles alone, and not '{self.fields}': leave "
                "--fields out, or take a backend in Python"
            )
        folder = Path(self.data) if self.data else None
        return {"folder": str(find_dataset(self.dataset, folder))}

    def run(self, encoder: Encoder) -> Outcome:
        """Search once; `batch_s` has a sample for each call of the engine."""
        texts, spent = self.texts, Spent()
        start = time.perf_counter()
        documents = encoder.encode(
            texts.documents, self.batch_size, role="document", normalize=True, spent=spent
        )
        queries = encoder.encode(
            texts.queries, self.batch_size, role="query", normalize=True, spent=spent
        )
        encoded = time.perf_counter()
        ranked = self.fields != TITLE
        top = top_documents(
            queries,
            documents,
            DEPTH if ranked else 1,
            left_out=np.array(texts.same_id) if self.exclude_self else None,
        )
        hits = find_hits(top[:, 0], texts.relevant)
        searched = time.perf_counter()
        return Outcome(
            counts={
                "queries": len(texts.queries),
                "documents": len(texts.documents),
                "hits": sum(hits),
                **spent.counts,
            },
            samples={
                **spent.parts,
                "encode_s": [encoded - start],
                "search_s": [searched - encoded],
                "batch_s": spent.batch_s,
                "hit": [float(hit) for hit in hits],
            },
            score=partial(evaluate, top, texts.relevant) if ranked else dict,
        )
