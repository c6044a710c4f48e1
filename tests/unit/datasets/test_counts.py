"""A dataset says how many queries it has without being read, and says the truth."""

import os
from pathlib import Path

import pytest

from emch.datasets.registry import DATASETS, load_dataset, query_count


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_count_is_that_of_the_queries(name: str) -> None:
    if name != "mini" and not os.environ.get("EMCH_DATA_DIR"):
        pytest.skip(f"'{name}' is not part of the package: EMCH_DATA_DIR says where it is")
    assert query_count(name) == len(load_dataset(name).queries)


def test_dataset_that_is_not_known_has_no_count() -> None:
    assert query_count(str(Path("nowhere"))) is None
