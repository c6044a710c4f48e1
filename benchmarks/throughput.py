"""Sentences and tokens per second, by one or more callers with a session each."""

from emch.suite import Recorded, SentenceEncoding, Task, sampled, tracked

from .names import BACKENDS


class Throughput(Recorded):
    """Callers x threads beyond the usable CPUs are refused: such a cell fails."""

    params = (["titles", "sentences-128"], BACKENDS, [16], ["1x1", "1x2", "2x1"])
    param_names = ("dataset", "backend", "batch_size", "callers_x_threads")

    def cell(
        self, dataset: str, backend: str, batch_size: int, shape: str
    ) -> tuple[Task, str, int]:
        callers, threads = map(int, shape.split("x"))
        task = SentenceEncoding(dataset=dataset, batch_size=batch_size, callers=callers)
        return task, backend, threads

    track_latency = sampled("median_s", samples="call_s")
    track_sentences_per_second = tracked("sentences_per_second")
    track_tokens_per_second = tracked("tokens_per_second")
    track_flop_per_second = tracked("flop_per_second")
