"""Latency of a batch of fixed shape in a loaded and warmed session, from the raw samples."""

from typing import Any

from emch.suite import (
    Recorded,
    SentenceEncoding,
    Task,
    probe_embeddings,
    sampled,
    skipped_if_unavailable,
    tracked,
    warm_batches,
)

from .names import BACKENDS


class Warm:
    """One batch after another in a loaded and warmed session in this process."""

    params = (["sentences-16", "sentences-128"], BACKENDS, [1, 16])
    param_names = ("dataset", "backend", "batch_size")
    timeout = 600
    version = "1"
    number = 1
    rounds = 2
    repeat = (5, 30, 2.0)
    warmup_time = 0

    def setup(self, dataset: str, backend: str, batch_size: int) -> None:
        with skipped_if_unavailable():
            self.encode = warm_batches(dataset, backend, batch_size)

    def time_batch(self, dataset: str, backend: str, batch_size: int) -> None:
        self.encode()

    def answers(self, dataset: str, backend: str, batch_size: int) -> dict[str, Any]:
        """Return the answers of this side, which `emch compare` compares with the other's."""
        return {"embeddings": probe_embeddings(backend)}

    def explain(self, dataset: str, backend: str, batch_size: int) -> dict[str, Any]:
        """Return what this side loaded and where its time goes, if the time has changed."""
        from emch.suite import explanation  # noqa: PLC0415 - older commits have no such name

        return explanation(backend, dataset, batch_size)


class _Latency(Recorded):
    """At least 459 calls, which a p99 needs, and 2 seconds, or 20 seconds; one caller, all CPUs."""

    param_names = ("backend", "batch_size")
    tokens: int

    def cell(self, backend: str, batch_size: int) -> tuple[Task, str, None]:
        dataset = f"sentences-{self.tokens}"
        return SentenceEncoding(dataset=dataset, batch_size=batch_size), backend, None

    track_latency = sampled("median_s", samples="call_s")
    track_mean = tracked("mean_s")
    track_p90 = tracked("p90_s")
    track_p95 = tracked("p95_s")
    track_p99 = tracked("p99_s")
    track_variance = tracked("variance_s2")
    track_qps = tracked("sentences_per_second")
    track_flop_per_second = tracked("flop_per_second")


class Tokens16(_Latency):
    """Sentences of 16 tokens."""

    params = (BACKENDS, [1])
    tokens = 16


class Tokens128(_Latency):
    """Sentences of 128 tokens."""

    params = (BACKENDS, [1, 16, 32, 64])
    tokens = 128
