"""A broken BEIR file is named with its path and line, so that it can be corrected."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.datasets.beir import load_beir
from emch.errors import InvalidInput

GOOD = '{"_id": "a", "title": "A title", "text": "A text"}\n'
HEADER = "query-id\tcorpus-id\tscore\n"
WriteBeir = Callable[..., Path]

BROKEN_ENTRIES = {
    "bad JSON": ('{"_id": "b", "title": }\n', "not valid JSON"),
    "no object": ('["b"]\n', "expected a JSON object, found list"),
    "a number": ("7\n", "expected a JSON object, found int"),
    "no _id": ('{"title": "B", "text": "B"}\n', "no '_id'"),
    "empty _id": ('{"_id": "", "title": "B", "text": "B"}\n', "no '_id'"),
    "_id is a number": ('{"_id": 2, "title": "B", "text": "B"}\n', "no '_id'"),
    "_id twice": (GOOD, "the _id 'a' is there already"),
    "no text": ('{"_id": "b"}\n', "of 'b' is missing or empty"),
    "empty text": ('{"_id": "b", "title": "", "text": ""}\n', "of 'b' is missing or empty"),
    "blank text": ('{"_id": "b", "title": " ", "text": " "}\n', "of 'b' is missing or empty"),
    "text is null": ('{"_id": "b", "title": null, "text": null}\n', "of 'b' is missing or empty"),
    "text is a list": ('{"_id": "b", "title": ["B"], "text": ["B"]}\n', "of 'b' is not a text"),
    "first half of a pair in _id": (
        '{"_id": "b\\ud83d", "title": "B", "text": "B"}\n',
        "the _id has the lone surrogate \\ud83d",
    ),
    "second half of a pair in _id": (
        '{"_id": "\\ude00", "title": "B", "text": "B"}\n',
        "the _id has the lone surrogate \\ude00",
    ),
    "first half of a pair in the text": (
        '{"_id": "b", "title": "B \\uD800.", "text": "B \\uD800."}\n',
        "of 'b' has the lone surrogate \\ud800",
    ),
    "halves of a pair the wrong way round": (
        '{"_id": "b", "title": "\\ude00\\ud83d", "text": "\\ude00\\ud83d"}\n',
        "of 'b' has the lone surrogate \\ude00",
    ),
    "number of too many digits": (f'{{"_id": {"7" * 5000}}}\n', "JSON that cannot be read"),
    "too many brackets": ("[" * 100_000 + "\n", "JSON that cannot be read"),
    "not UTF-8": (b'{"_id": "b", "title": "\xff", "text": "\xff"}\n', "not UTF-8"),
}
BROKEN_QRELS = {
    "unknown query": ("zz\td1\t1\n", "the query 'zz' is not in queries.jsonl"),
    "unknown document": ("q1\tzz\t1\n", "the document 'zz' is not in corpus.jsonl"),
    "score is no whole number": ("q1\td1\thigh\n", "the score 'high' is not a whole number"),
    "score is a fraction": ("q1\td1\t0.5\n", "the score '0.5' is not a whole number"),
    "score is empty": ("q1\td1\t\n", "the score '' is not a whole number"),
    "score is above all scales": ("q1\td1\t2000000000\n", "the score 2000000000 is above 10000"),
    "two fields": ("q1\td1\n", "found 2 fields"),
    "four fields": ("q1\t0\td1\t1\n", "found 4 fields"),
    "spaces for tabs": ("q1 d1 1\n", "found 1 fields"),
    "not UTF-8": (b"q1\td1\t\xff\n", "not UTF-8"),
}


def the_fault(folder: Path, *fields: str) -> str:
    with pytest.raises(InvalidInput) as raised:
        load_beir(folder, *fields)
    return str(raised.value)


def as_bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


@pytest.mark.parametrize("field", ["corpus", "queries"])
@pytest.mark.parametrize(("entry", "words"), BROKEN_ENTRIES.values(), ids=BROKEN_ENTRIES)
def test_broken_entry_is_named(
    write_beir_folder: WriteBeir, field: str, entry: str | bytes, words: str
) -> None:
    content = GOOD.encode() + b"\n" + as_bytes(entry)  # the blank line counts too
    folder = write_beir_folder(**{field: content})
    fault = the_fault(folder)
    assert fault.startswith(f"{folder / field}.jsonl, line 3: ")
    assert words in fault


@pytest.mark.parametrize("field", ["title", "text"])
def test_lone_surrogate_is_found_in_either_field(write_beir_folder: WriteBeir, field: str) -> None:
    entry = {"_id": "b", "title": "B", "text": "B"} | {field: "\ud800"}
    folder = write_beir_folder(corpus=GOOD + json.dumps(entry))
    fault = the_fault(folder, "title,text")
    assert fault.startswith(f"{folder / 'corpus.jsonl'}, line 2: the {field} of 'b' has the lone ")


@pytest.mark.parametrize("title", ["", " ", None])
def test_empty_title_names_the_way_to_take_it(
    write_beir_folder: WriteBeir, title: str | None
) -> None:
    entry = {"_id": "b", "title": title, "text": "A text"}
    folder = write_beir_folder(corpus=GOOD + json.dumps(entry))
    fault = the_fault(folder)
    assert fault.startswith(f"{folder / 'corpus.jsonl'}, line 2: the title of 'b' is missing or ")
    assert fault.endswith("; --fields title,text also takes documents without a title")


@pytest.mark.parametrize("empty", ["", " ", None])
def test_title_and_text_are_not_both_empty(write_beir_folder: WriteBeir, empty: str | None) -> None:
    entry = {"_id": "b", "title": empty, "text": empty}
    folder = write_beir_folder(corpus=GOOD + json.dumps(entry))
    place = f"{folder / 'corpus.jsonl'}, line 2"
    fault = the_fault(folder, "title,text")
    assert fault == f"{place}: the title and text of 'b' are missing or empty"


@pytest.mark.parametrize(("row", "words"), BROKEN_QRELS.values(), ids=BROKEN_QRELS)
def test_broken_judgement_is_named(
    write_beir_folder: WriteBeir, row: str | bytes, words: str
) -> None:
    folder = write_beir_folder(qrels=HEADER.encode() + b"q1\td1\t1\n" + as_bytes(row))
    fault = the_fault(folder)
    assert fault.startswith(f"{folder / 'qrels' / 'test.tsv'}, line 3: ")
    assert words in fault


def test_judgement_in_place_of_the_header_is_not_lost(write_beir_folder: WriteBeir) -> None:
    folder = write_beir_folder(qrels="q1\td1\t1\nq2\td2\t1\n")
    assert the_fault(folder).startswith(f"{folder / 'qrels' / 'test.tsv'}, line 1: ")


@pytest.mark.parametrize("missing", ["corpus", "queries", "qrels"])
def test_missing_file_is_named(write_beir_folder: WriteBeir, missing: str) -> None:
    folder = write_beir_folder(**{missing: None})
    path = folder / ("qrels/test.tsv" if missing == "qrels" else f"{missing}.jsonl")
    assert the_fault(folder).startswith(f"{path}: no such file")


@pytest.mark.parametrize("empty", ["corpus", "queries"])
@pytest.mark.parametrize("content", ["", "\n\n"])
def test_file_without_entries_is_named(
    write_beir_folder: WriteBeir, empty: str, content: str
) -> None:
    folder = write_beir_folder(**{empty: content})
    assert the_fault(folder) == f"{folder / empty}.jsonl: the file has no entries"


@pytest.mark.parametrize("qrels", [HEADER, HEADER + "q1\td1\t0\nq2\td2\t-1\n", ""])
def test_no_judgement_above_zero_is_an_error(write_beir_folder: WriteBeir, qrels: str) -> None:
    folder = write_beir_folder(qrels=qrels)
    assert str(folder / "qrels" / "test.tsv") in the_fault(folder)
