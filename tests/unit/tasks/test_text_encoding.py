"""Texts of a file are encoded, and counted; there is nothing to score them by."""

from pathlib import Path

import pytest

from emch.backends.options import Options
from emch.encoding.encoder import encoder
from emch.errors import InvalidInput
from emch.suite import TextEncoding, hits, probe_embeddings, warm_encoding
from emch.suite.cells import Subject, cell_record
from emch.tasks.semantic_search import SemanticSearch

pytestmark = pytest.mark.usefixtures("empty_cache")


@pytest.fixture
def task(tmp_path: Path) -> TextEncoding:
    file = tmp_path / "texts.txt"
    file.write_text("aspirin and stroke\nglaciers\n")
    return TextEncoding(dataset="mine", file=str(file), batch_size=16)


def test_all_texts_are_encoded_and_counted(task: TextEncoding) -> None:
    outcome = task.run(encoder("stub"))
    assert outcome.counts["texts"] == 2
    assert outcome.counts["tokens"] >= 4
    assert len(outcome.samples["batch_s"]) == 1
    assert "hit" not in outcome.samples


def test_record_of_a_fresh_process_has_no_accuracy(task: TextEncoding, tmp_path: Path) -> None:
    record = cell_record(tmp_path, task, "stub", 1)
    values = record.values()
    assert values["wall_s"] > values["encode_s"] > 0
    assert "hit_rate" not in values
    assert record.parameters["dataset"] == "mine"


def test_file_that_is_not_there_is_told_before_anything_is_loaded() -> None:
    task = TextEncoding(dataset="mine", file="none.txt", batch_size=16)
    with pytest.raises(InvalidInput, match=r"none\.txt: no such file"):
        task.require_inputs(Options(threads=1))


def test_suite_encodes_texts_and_says_what_was_found() -> None:
    texts = ("aspirin", "bone")
    call = warm_encoding(texts, "stub", 1)
    assert call().tolist() == encoder("stub").encode(texts).tolist()
    assert warm_encoding(texts, "stub", 1) is call
    found = hits(SemanticSearch(dataset="mini", batch_size=16), "stub")
    assert (len(found), sum(found)) == (120, 4)


def test_stub_takes_no_other_model_and_no_first_answers(task: TextEncoding, tmp_path: Path) -> None:
    subject = Subject("some/model", tmp_path / "none.npy")
    assert cell_record(tmp_path, task, "stub", 1, subject).cosine_to_reference is None
    assert probe_embeddings("stub", "some/model").shape == (12, 256)
