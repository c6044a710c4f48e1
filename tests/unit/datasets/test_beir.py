"""A sound BEIR folder is read as it was written."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emch.datasets.base import RetrievalDataset
from emch.datasets.beir import load_beir

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
IDENTIFIER = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\t\r\n"), min_size=1, max_size=8
)
TEXTS = st.dictionaries(IDENTIFIER, TEXT, min_size=1, max_size=6)
Judgements = dict[tuple[str, str], int]


@st.composite
def folders(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, str], Judgements]:
    """Draw titles, queries and judgements, at least one of which is above 0."""
    titles, queries = draw(TEXTS), draw(TEXTS)
    pair = st.tuples(st.sampled_from(list(queries)), st.sampled_from(list(titles)))
    judgements = draw(st.dictionaries(pair, st.integers(-1, 3), max_size=8))
    judgements[draw(pair)] = 1
    return titles, queries, judgements


def entries(texts: dict[str, str], field: str, *, ascii_only: bool) -> str:
    return "".join(
        json.dumps({"_id": identifier, field: text}, ensure_ascii=ascii_only) + "\n"
        for identifier, text in texts.items()
    )


def write(
    folder: Path,
    titles: dict[str, str],
    queries: dict[str, str],
    qrels: Judgements,
    ascii_only: bool,
) -> None:
    rows = [f"{query}\t{title}\t{score}" for (query, title), score in qrels.items()]
    files = {
        "corpus.jsonl": entries(titles, "title", ascii_only=ascii_only),
        "queries.jsonl": entries(queries, "text", ascii_only=ascii_only),
        "qrels/test.tsv": "\n".join(["query-id\tcorpus-id\tscore", *rows]),
    }
    (folder / "qrels").mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content.encode())


@given(folders(), st.booleans())
def test_what_was_written_is_read(
    drawn: tuple[dict[str, str], dict[str, str], Judgements], ascii_only: bool
) -> None:
    titles, queries, qrels = drawn
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), titles, queries, qrels, ascii_only)
        found = load_beir(Path(folder))
    relevant = {(query, title) for (query, title), score in qrels.items() if score > 0}
    judged = [query for query in queries if any(query == pair[0] for pair in relevant)]
    assert found == RetrievalDataset(
        queries=tuple(queries[query] for query in judged),
        documents=tuple(titles.values()),
        relevant=tuple(
            {
                place: qrels[query, title]
                for place, title in enumerate(titles)
                if (query, title) in relevant
            }
            for query in judged
        ),
        same_id=tuple(list(titles).index(query) if query in titles else -1 for query in judged),
    )


def test_query_without_a_judgement_is_left_out(write_beir_folder: Callable[..., Path]) -> None:
    dataset = load_beir(write_beir_folder())
    assert dataset.queries == ("Aspirin prevents strokes.", "Ice moves.")


def test_scores_above_zero_are_kept_and_zero_is_not_relevant(
    write_beir_folder: Callable[..., Path],
) -> None:
    dataset = load_beir(write_beir_folder())
    assert dataset.relevant == ({0: 1, 2: 2}, {1: 1})


@pytest.mark.parametrize(
    ("title", "text", "joined"),
    [
        ('"A title"', '"A text."', "A title A text."),
        ('""', '"A text."', "A text."),
        ("null", '"A text."', "A text."),
        ('"A title"', '""', "A title"),
        ('"A title"', "null", "A title"),
        ('" A title "', '" A text. "', "A title   A text."),
    ],
)
def test_title_and_text_are_joined_as_beir_does(
    write_beir_folder: Callable[..., Path], title: str, text: str, joined: str
) -> None:
    folder = write_beir_folder(
        corpus=f'{{"_id": "d1", "title": {title}, "text": {text}}}\n',
        qrels="query-id\tcorpus-id\tscore\nq1\td1\t1\n",
    )
    assert load_beir(folder, "title,text").documents == (joined,)


def test_field_that_is_left_out_of_the_object_is_empty(
    write_beir_folder: Callable[..., Path],
) -> None:
    corpus = '{"_id": "d1", "text": "A text."}\n{"_id": "d2", "title": "A title"}\n'
    qrels = "query-id\tcorpus-id\tscore\nq1\td1\t1\n"
    folder = write_beir_folder(corpus=corpus, qrels=qrels)
    assert load_beir(folder, "title,text").documents == ("A text.", "A title")


def test_query_knows_the_document_of_its_id(write_beir_folder: Callable[..., Path]) -> None:
    queries = '{"_id": "q1", "text": "Aspirin."}\n{"_id": "d2", "text": "Glaciers"}\n'
    qrels = "query-id\tcorpus-id\tscore\nq1\td1\t1\nd2\td3\t1\n"
    dataset = load_beir(write_beir_folder(queries=queries, qrels=qrels))
    assert dataset.same_id == (-1, 1)
    assert dataset.limited(1).same_id == (-1,)


def test_blank_lines_and_windows_line_ends_are_no_fault(
    write_beir_folder: Callable[..., Path], tmp_path: Path
) -> None:
    sound = load_beir(write_beir_folder(tmp_path / "sound"))
    folder = write_beir_folder(tmp_path / "windows")
    for path in [*folder.glob("*.jsonl"), folder / "qrels" / "test.tsv"]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n\r\n"))
    assert load_beir(folder) == sound


def test_byte_order_mark_at_the_start_is_no_fault(
    write_beir_folder: Callable[..., Path], tmp_path: Path
) -> None:
    sound = load_beir(write_beir_folder(tmp_path / "sound"))
    folder = write_beir_folder(tmp_path / "marked")
    for path in [*folder.glob("*.jsonl"), folder / "qrels" / "test.tsv"]:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_beir(folder) == sound


def test_limit_takes_the_first_queries_and_keeps_all_documents(
    write_beir_folder: Callable[..., Path],
) -> None:
    dataset = load_beir(write_beir_folder())
    limited = dataset.limited(1)
    assert (limited.queries, limited.relevant) == (dataset.queries[:1], dataset.relevant[:1])
    assert limited.documents == dataset.documents
    assert dataset.limited(None) == dataset
    assert dataset.limited(99) == dataset
