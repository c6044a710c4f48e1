"""The embedded dataset is what its README says."""

from pathlib import Path

import pytest

from emch.datasets import mini
from emch.datasets.registry import fetch_dataset, load_dataset
from emch.errors import InvalidInput


def test_there_are_240_titles_and_120_queries() -> None:
    dataset = load_dataset("mini")
    assert (len(dataset.documents), len(dataset.queries)) == (240, 120)
    assert len(set(dataset.documents)) == 240
    assert len(set(dataset.queries)) == 120


def test_every_query_has_one_to_three_answers() -> None:
    relevant = load_dataset("mini").relevant
    assert {len(wanted) for wanted in relevant} == {1, 2, 3}
    assert sum(map(len, relevant)) == 143
    assert set().union(*relevant) <= set(range(240))


def test_no_text_stands_beside_a_title() -> None:
    assert load_dataset("mini", fields="title,text") == load_dataset("mini")


def test_titles_come_from_twelve_fields_or_more() -> None:
    readme = (mini.FOLDER / "README.md").read_text(encoding="utf-8")
    (line,) = (line for line in readme.splitlines() if line.startswith("Fields, 15 titles each"))
    fields = line.partition(":")[2].rstrip(".").split(",")
    assert len(set(fields)) >= 12
    assert 15 * len(fields) == len(load_dataset("mini").documents)


def test_no_query_repeats_its_title() -> None:
    dataset = load_dataset("mini")
    titles = {title.lower() for title in dataset.documents}
    assert not titles & {query.lower().rstrip(".") for query in dataset.queries}


def test_files_are_cc0() -> None:
    licence = (mini.FOLDER / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("SPDX-License-Identifier: CC0-1.0")


def test_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'mini' is part of emch"):
        load_dataset("mini", tmp_path)


def test_fetching_it_needs_nothing(empty_cache: Path) -> None:
    fetch_dataset("mini")
    assert not empty_cache.exists()
