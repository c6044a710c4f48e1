"""What `emch beam` prints for people."""

from rich.console import Console

from emch.beam.run import Ended
from emch.cli.console import table
from emch.metrics import METRICS
from emch.records import Record

SHOWN = (
    "mean_requested_batch_size", "mean_batch_latency_s", "mean_model_load_s", "inputs_per_second",
    "elapsed_s", "median_s", "p90_s", "p95_s", "p99_s", "peak_rss_bytes", "cosine_to_reference",
)  # fmt: skip
LEAST_AND_MOST = {
    "mean_requested_batch_size": "requested_batch_size",
    "mean_batch_latency_s": "batch_latency_s",
    "mean_model_load_s": "model_load_s",
}
COUNTS = (
    "inputs", "answered", "dead_letters", "batches", "refused_batches", "failed_batches",
    "batch_bytes", "worker_processes", "lost_workers",
)  # fmt: skip


def show(ended: Ended, out: Console) -> None:
    """Print a table of the metrics, the counts, and the first dead letters."""
    record = ended.record
    values = record.values()
    rows = table(
        "metric", "value", "least", "greatest", numbers=frozenset(["value", "least", "greatest"])
    )
    out.print(f"{record.task}: {record.model} on {record.backend}")
    for name in SHOWN:
        if name in values:
            show_value = METRICS[name].show
            ends = _ends(record, LEAST_AND_MOST[name]) if name in LEAST_AND_MOST else ()
            rows.add_row(METRICS[name].label, show_value(values[name]), *map(show_value, ends))
    rows.add_row("CPU of the workers", f"{record.samples['worker_cpu_s'][0]:.2f} s")
    for name in COUNTS:
        rows.add_row(name.replace("_", " "), f"{record.counts[name]:,}")
    out.print(rows)
    for place, reason in ended.found.reasons:
        out.print(f"no answer to input {place}: {reason}")
    if ended.found.dead > len(ended.found.reasons):
        out.print("Give --out for the reasons of all.")


def _ends(record: Record, name: str) -> tuple[float, float]:
    least, most = (
        next(
            row.numbers[0]
            for row in record.rows
            if row.metric == name and row.tags["statistic"] == statistic
        )
        for statistic in ("min", "max")
    )
    return least, most
