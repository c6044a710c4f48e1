"""The stub answers by hashed words alone, needs nothing that was prepared, and says what it is."""

from pathlib import Path

import numpy as np
import pytest

from emch.backends.registry import BACKENDS, STUB, known_backends
from emch.encoding.encoder import encoder
from emch.errors import InvalidInput
from emch.suite.cells import cell_record, warm_search
from emch.tasks.semantic_search import SemanticSearch

pytestmark = pytest.mark.usefixtures("empty_cache")


def test_texts_are_alike_by_the_words_that_they_share() -> None:
    texts = [
        "low-dose colchicine reduces events",
        "events colchicine reduces low-dose",
        "colchicine reduces toxicity",
        "bone and skin",
    ]
    found = encoder("stub").encode(texts)
    likeness = (found @ found.T)[0]
    assert likeness[1] == pytest.approx(1, abs=1e-6)
    assert likeness[1] > likeness[2] > likeness[3]


def test_answers_are_the_same_everywhere() -> None:
    (found,) = encoder("stub").encode(["aspirin"])
    assert np.packbits(found[:32] > 0).tobytes().hex() == "5994e892"


def test_record_says_that_it_is_a_stub_without_a_reference(tmp_path: Path) -> None:
    record = cell_record(tmp_path, SemanticSearch(dataset="mini", batch_size=16), "stub", 1)
    assert record.model == "stub"
    assert record.cosine_to_reference is None
    assert "cosine_to_reference" not in record.values()
    assert record.artifact["origin"] == "a stub: hashed words, and no model"
    assert (record.session["library"], record.session["provider"]) == ("stub 1", "hashed words")
    assert record.counts["hits"] == 4
    assert record.from_json(record.to_json()) == record


def test_suite_times_it_as_any_backend() -> None:
    outcome = warm_search("mini", "stub", 16)()
    assert (outcome.counts["queries"], outcome.counts["hits"]) == (120, 4)


def test_no_other_model_is_taken() -> None:
    with pytest.raises(InvalidInput, match="'stub' brings a model of its own"):
        encoder("stub", model="t5")


def test_it_is_in_no_list() -> None:
    assert not STUB.keys() & {*known_backends(), *BACKENDS}
