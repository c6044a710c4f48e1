"""The table of metrics: names that say their unit, directions, and values for people."""

import pytest

from emch.metrics import METRICS, Metric

UNITS = {"seconds": "_s", "bytes": "_bytes", "percent": "_percent"}


def test_names_and_labels_are_unique() -> None:
    assert {name: metric.name for name, metric in METRICS.items()} == {
        name: name for name in METRICS
    }
    assert len({metric.label for metric in METRICS.values()}) == len(METRICS)


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("hit_rate", "higher"),
        ("cosine_to_reference", "higher"),
        ("cpu_percent", "higher"),
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
        ("cosine_to_reference", 0.99999, "0.999990"),
    ],
)
def test_value_is_shown_with_its_unit(name: str, value: float, shown: str) -> None:
    assert METRICS[name].show(value) == shown
