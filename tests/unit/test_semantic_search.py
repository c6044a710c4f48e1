"""What a search reports of what it spent: nothing that was not measured."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pytest

from emch.tasks.encoding import Encoder, Spent
from emch.tasks.semantic_search import SemanticSearch


class Made:
    """Encodes every text alike; it says what it spent if it is asked to."""

    def __init__(self, spends: dict[str, Any]) -> None:
        self.spends = spends
        self.asked: list[tuple[str, bool]] = []

    def encode(
        self, texts: Sequence[str], _: int, *, role: str, normalize: bool, spent: Spent
    ) -> np.ndarray:
        self.asked.append((role, normalize))
        spent.batch_s.append(1.0)
        for name, value in self.spends.items():
            setattr(spent, name, value)
        return np.ones((len(texts), 1), dtype=np.float32)


@pytest.mark.parametrize(
    ("spends", "samples"),
    [
        ({"tokens": 9, "tokenize_s": 0.2, "pool_s": 0.1}, {"tokenize_s": [0.2], "pool_s": [0.1]}),
        ({}, {}),  # a library that encodes texts by itself
    ],
)
def test_parts_are_there_where_they_are_known(
    spends: dict[str, Any], samples: dict[str, list[float]]
) -> None:
    outcome = SemanticSearch(dataset="mini", batch_size=4).run(cast(Encoder, Made(spends)))
    known = {name: outcome.samples.get(name) for name in ("tokenize_s", "pool_s")}
    assert {name: value for name, value in known.items() if value is not None} == samples
    assert ("tokens" in outcome.counts) == bool(samples)
    assert outcome.samples["batch_s"] == [1.0, 1.0]


def test_both_sides_have_their_prompt_and_cosines_are_compared() -> None:
    made = Made({})
    SemanticSearch(dataset="mini", batch_size=4).run(cast(Encoder, made))
    assert sorted(made.asked) == [("document", True), ("query", True)]
