"""What the pages open with, chosen by what is there."""

from typing import Any

import pytest

from emch.site.openings import OPENINGS, openings
from emch.site.series import Series


def made(benchmark: str, metric: str, **cell: str) -> Series:
    return Series("m", "s", benchmark, metric, cell, 0, [[0, 1.0, None]])


OWN = [
    made("semantic_search.WholeProcess.track_missrate", "miss_rate",
         dataset="'scifact'", backend="'a'", batch_size="16"),
    made("semantic_search.WholeProcess.track_hitrate", "hit_rate",
         dataset="'scifact'", backend="'a'", batch_size="16"),
    made("sentence_latency.Tokens128.track_latency", "median_s", backend="'a'", batch_size="1"),
]  # fmt: skip
OTHER = [
    made("own.Few.track_latency", "median_s", backend="'a'", size="1"),
    *(made("own.Many.track_latency", "median_s", backend=f"'{name}'", size="2") for name in "ab"),
    *(made("own.Many.track_missrate", "miss_rate", backend=f"'{name}'", size="2") for name in "ab"),
    made("own.Many.track_hitrate", "hit_rate", backend="'a'", size="2"),
    made("own.time_sort", "own.time_sort", size="9"),
]
ANY: dict[str, Any] = {"class": "", "params": {}}
MOST: dict[str, Any] = {"class": "own.Many", "params": {"size": "2"}}


def test_emchs_own_benchmarks_come_first_where_they_are() -> None:
    found = openings([*OTHER, *OWN])
    search = {"class": "", "params": {"dataset": "'scifact'", "batch_size": "16"}}
    assert found["accuracy"] == search
    assert found["latency"] == {
        "class": "sentence_latency.Tokens128",
        "params": {"batch_size": "1"},
    }
    assert found["judged"] == {"class": "", "params": {"dataset": "'scifact'"}}


@pytest.mark.parametrize("what", ["latency", "samples", "accuracy", "releases"])
def test_elsewhere_it_is_what_most_backends_have(what: str) -> None:
    assert openings(OTHER)[what] == MOST
    assert openings(OTHER[::-1])[what] == MOST


def test_elsewhere_every_hit_rate_says_how_accurate_a_backend_is() -> None:
    assert openings(OTHER)["judged"] == ANY


def test_no_backend_at_all_leaves_every_page_something_to_ask_for() -> None:
    assert openings(OTHER[-1:]).keys() == {*OPENINGS, "judged"}
