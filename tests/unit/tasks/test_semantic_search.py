"""What a search reports: what it spent, where that was measured, and what it found."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from emch.backends.base import Options
from emch.encoding.encoder import Encoder, Spent
from emch.errors import Unavailable
from emch.tasks import ranking
from emch.tasks.base import Outcome
from emch.tasks.semantic_search import SemanticSearch


class Made:
    """Encodes every text alike, and reports what it spent if asked."""

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


WORDS = ("aspirin", "stroke", "ice", "moves")
CORPUS = """\
{"_id": "d1", "title": "Aspirin", "text": "A stroke."}
{"_id": "d2", "title": "Ice", "text": "It moves."}
{"_id": "d3", "title": "Aspirin", "text": ""}
"""
QUERIES = """\
{"_id": "d3", "text": "Aspirin"}
{"_id": "q2", "text": "Ice that moves"}
"""
QRELS = "query-id\tcorpus-id\tscore\nd3\td1\t2\nd3\td3\t1\nq2\td2\t1\n"


class Counting:
    """Encodes a text by which words it has."""

    def encode(self, texts: Sequence[str], *_: int, **__: object) -> np.ndarray:
        counts = np.array([[word in text.lower() for word in WORDS] for text in texts])
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def search(write_beir_folder: Callable[..., Path]) -> Callable[..., SemanticSearch]:
    """Return a maker of a search whose first query is the third document."""
    folder = write_beir_folder(corpus=CORPUS, queries=QUERIES, qrels=QRELS)
    return lambda **parameters: SemanticSearch(
        dataset="scifact", data=str(folder), batch_size=2, **parameters
    )


def outcome_of(task: SemanticSearch) -> Outcome:
    return task.run(cast(Encoder, Counting()))


def test_titles_are_the_default_and_have_a_hit_rate_alone(
    search: Callable[..., SemanticSearch],
) -> None:
    task = search()
    assert task.texts.documents == ("Aspirin", "Ice", "Aspirin")
    outcome = outcome_of(task)
    assert outcome.counts == {"queries": 2, "documents": 3, "hits": 2}
    assert outcome.score() == {}


def test_titles_with_texts_have_the_metrics_of_rankings_too(
    search: Callable[..., SemanticSearch],
) -> None:
    task = search(fields="title,text")
    assert task.texts.documents == ("Aspirin A stroke.", "Ice It moves.", "Aspirin")
    outcome = outcome_of(task)
    assert outcome.counts == {"queries": 2, "documents": 3, "hits": 2}
    score = outcome.score()
    ideal = 2 + 1 / np.log2(3)
    assert score["ndcg_at_10"] == pytest.approx([(1 + 2 / np.log2(3)) / ideal, 1.0])
    assert (score["recall_at_100"], score["mrr_at_10"]) == ([1.0, 1.0], [1.0, 1.0])
    assert not score.keys() & outcome.samples.keys()


def test_query_that_is_a_document_finds_itself_unless_it_is_excluded(
    search: Callable[..., SemanticSearch],
) -> None:
    excluded = search(fields="title,text", exclude_self=True)
    score = outcome_of(excluded).score()
    assert score["recall_at_100"] == [0.5, 1.0]
    assert score["ndcg_at_10"] == pytest.approx([2 / (2 + 1 / np.log2(3)), 1.0])
    (remark,) = search().remarks()
    assert remark.startswith("1 of 2 queries have the id of a document")
    assert "--exclude-self" in remark
    assert not excluded.remarks()
    assert not SemanticSearch(dataset="mini", batch_size=2).remarks()


def test_exclusion_counts_for_hits(
    write_beir_folder: Callable[..., Path], search: Callable[..., SemanticSearch], tmp_path: Path
) -> None:
    folder = write_beir_folder(
        tmp_path / "itself",
        corpus=CORPUS,
        queries='{"_id": "d2", "text": "Ice"}\n',
        qrels="query-id\tcorpus-id\tscore\nd2\td2\t1\n",
    )
    for exclude_self, hits in ((False, 1), (True, 0)):
        task = replace(search(exclude_self=exclude_self), data=str(folder))
        assert outcome_of(task).counts["hits"] == hits


def test_metrics_of_rankings_need_their_library_and_the_hit_rate_does_not(
    search: Callable[..., SemanticSearch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "find_spec", lambda _: None)
    search(exclude_self=True).require_inputs(Options(threads=1))
    with pytest.raises(Unavailable, match="pytrec-eval-terrier"):
        search(fields="title,text").require_inputs(Options(threads=1))
