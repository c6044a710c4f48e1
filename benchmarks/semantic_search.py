"""Semantic search: claims against titles, for every dataset, backend and batch size."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from emch.metrics import METRICS
from emch.tasks.cells import warm_search, whole_process_record

from .skips import skipped_if_unavailable

DATASETS = ["mini", "scifact"]
BACKENDS = [
    "pytorch",
    "pytorch-bettertransformer",
    "onnxruntime",
    "onnxruntime-int8",
    "optimum-onnxruntime",
    "optimum-onnxruntime-int8",
    "sentence-transformers",
]
BATCH_SIZES = [1, 2, 4, 8, 16]


def _in_unit_of(metric: str) -> Callable[[Any], Any]:
    """Give a benchmark the unit that the table of metrics has."""

    def mark(benchmark: Any) -> Any:
        benchmark.unit = METRICS[metric].unit
        return benchmark

    return mark


class _Cells:
    params = (DATASETS, BACKENDS, BATCH_SIZES)
    param_names = ("dataset", "backend", "batch_size")
    timeout = 1800
    version = "1"


class Warm(_Cells):
    """A loaded and warmed session in this process: encode all texts and search."""

    number = 1
    rounds = 2
    repeat = (1, 5, 10.0)
    warmup_time = 0

    def setup(self, dataset: str, backend: str, batch_size: int) -> None:
        with skipped_if_unavailable():
            self.search = warm_search(dataset, backend, batch_size)

    def time_search(self, dataset: str, backend: str, batch_size: int) -> None:
        self.search()

    def peakmem_search(self, dataset: str, backend: str, batch_size: int) -> None:
        self.search()


class WholeProcess(_Cells):
    """A fresh process from start to end, as a BSD `time` sees it; one run feeds all figures."""

    def setup_cache(self) -> str:
        """Return the folder that asv keeps for this run; the records go there."""
        return str(Path.cwd())

    def _value(self, metric: str, cell: tuple[Any, ...]) -> float:
        folder, dataset, backend, batch_size = cell
        with skipped_if_unavailable():
            return whole_process_record(Path(folder), dataset, backend, batch_size).value(metric)

    @_in_unit_of("wall_s")
    def track_wall(self, *cell: Any) -> dict[str, Any]:
        return _one_sample(self._value("wall_s", cell))

    @_in_unit_of("user_s")
    def track_user(self, *cell: Any) -> dict[str, Any]:
        return _one_sample(self._value("user_s", cell))

    @_in_unit_of("kernel_s")
    def track_kernel(self, *cell: Any) -> dict[str, Any]:
        return _one_sample(self._value("kernel_s", cell))

    @_in_unit_of("cpu_percent")
    def track_cpu_percent(self, *cell: Any) -> float:
        return self._value("cpu_percent", cell)

    @_in_unit_of("peak_rss_bytes")
    def track_peak_memory(self, *cell: Any) -> float:
        return self._value("peak_rss_bytes", cell)

    @_in_unit_of("hit_rate")
    def track_hitrate(self, *cell: Any) -> float:
        return self._value("hit_rate", cell)

    @_in_unit_of("miss_rate")
    def track_missrate(self, *cell: Any) -> float:
        return self._value("miss_rate", cell)


def _one_sample(value: float) -> dict[str, Any]:
    """Hand a figure to asv as a sample, so that one launch is never taken for a certainty."""
    return {"samples": [value], "number": 1}
