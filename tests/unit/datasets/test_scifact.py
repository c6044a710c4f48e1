"""Where scifact is looked for, in which order, and how the Hub's rows become a BEIR folder."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from emch.datasets import scifact
from emch.datasets.registry import load_dataset
from emch.errors import InvalidInput, Unavailable

WriteBeir = Callable[..., Path]
Require = Callable[[object, str], None]


def titled(title: str) -> str:
    return f'{{"_id": "d1", "title": "{title}"}}\n{{"_id": "d2", "title": "other"}}\n'


@pytest.fixture
def place(write_beir_folder: WriteBeir) -> Callable[[Path], None]:
    """Return a writer of a dataset whose first title is the name of the place it is in."""
    qrels = "query-id\tcorpus-id\tscore\nq1\td1\t1\n"
    return lambda folder: (
        write_beir_folder(folder, corpus=titled(folder.parent.name), qrels=qrels) and None
    )


def test_data_may_be_the_folder_or_its_parent(
    tmp_path: Path, place: Callable[[Path], None]
) -> None:
    place(tmp_path / "own" / "anything")
    place(tmp_path / "parent" / "scifact")
    assert scifact.load(tmp_path / "own" / "anything").documents[0] == "own"
    assert scifact.load(tmp_path / "parent").documents[0] == "parent"
    assert scifact.load(tmp_path / "parent" / "scifact").documents[0] == "parent"


def test_data_wins_over_environment_and_environment_over_cache(
    tmp_path: Path,
    empty_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: Callable[[Path], None],
) -> None:
    place(empty_cache / "datasets" / "scifact")
    assert scifact.load(None).documents[0] == "datasets"
    place(tmp_path / "environment" / "scifact")
    monkeypatch.setenv("EMCH_DATA_DIR", str(tmp_path / "environment"))
    assert scifact.load(None).documents[0] == "environment"
    place(tmp_path / "data" / "scifact")
    assert scifact.load(tmp_path / "data").documents[0] == "data"


def test_environment_without_the_dataset_is_passed_over(
    tmp_path: Path,
    empty_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: Callable[[Path], None],
) -> None:
    monkeypatch.setenv("EMCH_DATA_DIR", str(tmp_path))
    place(empty_cache / "datasets" / "scifact")
    assert scifact.load(None).documents[0] == "datasets"


@pytest.mark.usefixtures("empty_cache")
def test_nowhere_is_unavailable_with_the_remedy() -> None:
    with pytest.raises(Unavailable, match=r"--data or EMCH_DATA_DIR, .*'emch prepare --dataset"):
        load_dataset("scifact")


def test_title_and_text_are_read_where_both_are_asked_for(
    tmp_path: Path, write_beir_folder: WriteBeir
) -> None:
    corpus = '{"_id": "d1", "title": "Ice", "text": "It moves."}\n'
    qrels = "query-id\tcorpus-id\tscore\nq1\td1\t1\n"
    write_beir_folder(tmp_path / "scifact", corpus=corpus, qrels=qrels)
    assert load_dataset("scifact", tmp_path).documents == ("Ice",)
    assert load_dataset("scifact", tmp_path, "title,text").documents == ("Ice It moves.",)


def test_data_that_is_no_folder_or_no_dataset_is_invalid(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"--data .*none: no such folder"):
        scifact.load(tmp_path / "none")
    with pytest.raises(InvalidInput, match=r"corpus\.jsonl: no such file"):
        scifact.load(tmp_path)


def test_unknown_dataset_is_invalid_and_the_known_are_listed() -> None:
    with pytest.raises(InvalidInput, match="unknown dataset 'scifacts'; known are: mini, scifact"):
        load_dataset("scifacts")


def test_rows_as_the_hub_has_them_are_written_and_read(tmp_path: Path, require: Require) -> None:
    corpus = [
        {"_id": "4983", "title": "Microstructure", "text": 'Of "brains"\tand\nmore'},
        {"_id": "5836", "title": "Myelodysplasia – α", "text": ""},
    ]
    queries = [{"_id": "0", "title": "", "text": "0-dimensional biomaterials\tare odd."}]
    judgements = [{"query-id": 0, "corpus-id": 5836, "score": 1}]
    require(find_spec("datasets"), "pip install 'emch[hub]'")
    from datasets import Dataset

    rows = [Dataset.from_list(part) for part in (corpus, queries, judgements)]
    scifact.write_beir(tmp_path, *rows)
    found = scifact.load(tmp_path)
    assert found.documents == ("Microstructure", "Myelodysplasia – α")
    assert found.queries == ("0-dimensional biomaterials\tare odd.",)
    assert found.relevant == ({1: 1},)


@pytest.mark.usefixtures("empty_cache")
def test_hub_that_cannot_be_reached_is_unavailable_and_leaves_nothing(require: Require) -> None:
    require(find_spec("datasets"), "pip install 'emch[hub]'")
    with pytest.raises(Unavailable, match="'BeIR/scifact' could not be fetched from the Hub"):
        scifact.fetch()
    with pytest.raises(Unavailable):
        load_dataset("scifact")
