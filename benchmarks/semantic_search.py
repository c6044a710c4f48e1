"""Semantic search: claims against titles, for every dataset, backend and batch size."""

from typing import Any

from emch.suite import (
    Recorded,
    SemanticSearch,
    Task,
    probe_embeddings,
    sampled,
    skipped_if_unavailable,
    tracked,
    warm_search,
)

from .names import BACKENDS, DATASETS

BATCH_SIZES = [1, 2, 4, 8, 16]


class _Cells:
    params = (DATASETS, BACKENDS, BATCH_SIZES)
    param_names = ("dataset", "backend", "batch_size")


class Warm(_Cells):
    """A loaded and warmed session in this process: encode all texts and search."""

    timeout = 1800
    version = "1"
    number = 1
    rounds = 2
    repeat = (1, 5, 10.0)
    warmup_time = 0

    def setup(self, dataset: str, backend: str, batch_size: int) -> None:
        with skipped_if_unavailable():
            self.search = warm_search(dataset, backend, batch_size)

    def time_search(self, dataset: str, backend: str, batch_size: int) -> None:
        self.search()

    def answers(self, dataset: str, backend: str, batch_size: int) -> dict[str, Any]:
        """Return the answers of this side, which `emch compare` compares with the other's."""
        hits = [hit > 0 for hit in self.search().samples["hit"]]
        return {"hit rate": hits, "embeddings": probe_embeddings(backend)}

    def explain(self, dataset: str, backend: str, batch_size: int) -> dict[str, Any]:
        """Return what this side loaded, if the time has changed."""
        from emch.suite import explanation  # noqa: PLC0415 - older commits have no such name

        return explanation(backend)

    def peakmem_search(self, dataset: str, backend: str, batch_size: int) -> None:
        self.search()


class WholeProcess(_Cells, Recorded):
    """A fresh process from start to end, as a BSD `time` sees it; one run feeds all figures."""

    def cell(self, dataset: str, backend: str, batch_size: int) -> tuple[Task, str, None]:
        return SemanticSearch(dataset=dataset, batch_size=batch_size), backend, None

    track_wall = sampled("wall_s")
    track_user = sampled("user_s")
    track_kernel = sampled("kernel_s")
    track_cpu_percent = tracked("cpu_percent")
    track_peak_memory = tracked("peak_rss_bytes")
    track_hitrate = tracked("hit_rate")
    track_missrate = tracked("miss_rate")
    track_cosine = tracked("cosine_to_reference")
    track_encode = sampled("encode_s")
    track_tokens_per_second = tracked("tokens_per_second")
    track_flop_per_second = tracked("flop_per_second")
