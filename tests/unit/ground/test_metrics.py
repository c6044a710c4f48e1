"""The table of metrics: names that say their unit, directions, and values for people."""

import json
from collections import Counter
from collections.abc import Iterable

import pytest

from emch.metrics import METRICS, TABLE, Metric, Step, metric_of

UNITS = {
    "seconds": "_s",
    "seconds squared": "_s2",
    "bytes": "_bytes",
    "percent": "_percent",
    "calls / second": "calls_per_second",
    "sentences / second": "sentences_per_second",
    "tokens / second": "tokens_per_second",
}


def twice(texts: Iterable[str]) -> set[str]:
    return {text for text, count in Counter(texts).items() if count > 1}


def test_no_two_metrics_share_a_name_a_word_or_a_tracker() -> None:
    assert twice(metric.name for metric in TABLE) == set()
    assert twice(metric.label for metric in TABLE) == set()
    assert twice(metric.heading for metric in TABLE) == set()
    assert twice(tracker for metric in TABLE for tracker in metric.trackers) == set()


def test_benchmark_that_is_not_ours_is_its_own_metric() -> None:
    assert metric_of("startup.Startup.track_load") == "load_s"
    assert metric_of("suite.Theirs.track_goals") == "suite.Theirs.track_goals"


@pytest.mark.parametrize("metric", TABLE, ids=METRICS)
def test_every_value_has_a_step_that_prints_it(metric: Metric) -> None:
    assert metric.steps[-1].least == 0
    assert [step.least for step in metric.steps] == sorted(
        (step.least for step in metric.steps), reverse=True
    )


@pytest.mark.parametrize("metric", TABLE, ids=METRICS)
def test_pages_get_all_that_they_print(metric: Metric) -> None:
    found = json.loads(json.dumps(metric.to_dict()))
    assert (found["label"], found["unit"]) == (metric.label, metric.unit)
    assert found["better"] == metric.better
    assert tuple(Step(*step) for step in found["steps"]) == metric.steps


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("hit_rate", "higher"),
        ("cosine_to_reference", "higher"),
        ("cpu_percent", "higher"),
        ("ndcg_at_10", "higher"),
        ("recall_at_100", "higher"),
        ("mrr_at_10", "higher"),
        ("miss_rate", "lower"),
        ("wall_s", "lower"),
        ("user_s", "lower"),
        ("kernel_s", "lower"),
        ("peak_rss_bytes", "lower"),
        ("load_s", "lower"),
        ("tokenize_s", "lower"),
        ("encode_s", "lower"),
        ("pool_s", "lower"),
        ("search_s", "lower"),
        ("import_s", "lower"),
        ("compile_s", "lower"),
        ("first_call_s", "lower"),
        ("rss_after_load_bytes", "lower"),
        ("artifact_bytes", "lower"),
        ("elapsed_s", "lower"),
        ("mean_s", "lower"),
        ("median_s", "lower"),
        ("p90_s", "lower"),
        ("p95_s", "lower"),
        ("p99_s", "lower"),
        ("variance_s2", "lower"),
        ("calls_per_second", "higher"),
        ("sentences_per_second", "higher"),
        ("tokens_per_second", "higher"),
    ],
)
def test_direction_is_that_of_an_improvement(name: str, better: str) -> None:
    assert METRICS[name].better == better


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_name_ends_in_the_unit(metric: Metric) -> None:
    suffixes = {suffix for suffix in UNITS.values() if metric.name.endswith(suffix)}
    assert suffixes == ({UNITS[metric.unit]} if metric.unit in UNITS else set())


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("wall_s", 12.345, "12.35 s"),
        ("wall_s", 1.0, "1.00 s"),
        ("search_s", 0.0123, "12 ms"),
        ("pool_s", 0.0, "0 ms"),
        ("peak_rss_bytes", 3 * 2**30, "3,072 MiB"),
        ("cpu_percent", 187.6, "188 %"),
        ("hit_rate", 134 / 300, "0.4467"),
        ("ndcg_at_10", 0.64508, "0.6451"),
        ("cosine_to_reference", 0.99999, "0.999990"),
        ("p99_s", 0.0012345, "1.23 ms"),
        ("first_call_s", 1.5, "1,500.00 ms"),
        ("variance_s2", 0.000012345, "1.23e-05 s²"),
        ("tokens_per_second", 12345.67, "12,345.7"),
        ("artifact_bytes", 90 * 2**20, "90 MiB"),
        ("flop_per_second", 415.4e9, "415 GFLOP/s"),
    ],
)
def test_value_is_shown_with_its_unit(name: str, value: float, shown: str) -> None:
    assert METRICS[name].show(value) == shown
