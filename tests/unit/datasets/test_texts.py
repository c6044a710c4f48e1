"""A file of texts, and a folder in BEIR's layout by any name."""

from pathlib import Path

import pytest

from emch.datasets.registry import find_dataset, load_dataset
from emch.datasets.texts import read_texts
from emch.errors import InvalidInput
from tests.conftest import WriteBeir


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_every_line_that_is_not_blank_is_a_text(tmp_path: Path) -> None:
    path = write(tmp_path, "t.txt", '\ufeffone\r\n\n  two words \n{"text": "x"}'.encode())
    assert read_texts(path) == ("one", "  two words ", '{"text": "x"}')


def test_json_lines_are_texts_or_objects_with_one(tmp_path: Path) -> None:
    path = write(tmp_path, "t.jsonl", b'"one"\n{"_id": "2", "text": "tw\\u00f6"}\n\n')
    assert read_texts(path) == ("one", "twö")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.txt", b"\n \n", "the file has no texts"),
        ("t.txt", b"\xff\xfe", "line 1: not UTF-8"),
        ("t.jsonl", b'"one"\n{"title": "x"}', "line 2: it has to be a text, or an object"),
        ("t.jsonl", b'{"text": " "}', "line 1: it has to be a text"),
        ("t.jsonl", b"[1]", "line 1: it has to be a text"),
        ("t.jsonl", b"one", "line 1: not valid JSON"),
        ("t.jsonl", b'"\\ud800"', "lone surrogate"),
    ],
)
def test_what_is_no_text_is_told_with_its_place(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_texts(write(tmp_path, name, content))


def test_file_that_is_not_there_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such file; give a file of texts"):
        read_texts(tmp_path / "none.txt")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_texts(tmp_path)


def test_folder_has_any_name(write_beir_folder: WriteBeir) -> None:
    folder = write_beir_folder()
    assert len(load_dataset("mine", folder).documents) == 3
    assert find_dataset("mine", folder) == folder


@pytest.mark.parametrize("name", ["mine", "scifact"])
def test_folder_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="no such folder"):
        load_dataset(name, tmp_path / "none")


def test_name_without_a_folder_is_unknown() -> None:
    with pytest.raises(InvalidInput, match=r"unknown dataset 'mine'.*--data"):
        load_dataset("mine")
