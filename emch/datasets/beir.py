"""Reads a folder in BEIR's layout: corpus.jsonl, queries.jsonl and qrels/test.tsv.

Every error names the file and the line, so that a broken file can be mended.
"""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emch.datasets.base import RetrievalDataset
from emch.errors import InvalidInput

CORPUS = "corpus.jsonl"
QUERIES = "queries.jsonl"
QRELS = "qrels/test.tsv"


def load_beir(folder: Path) -> RetrievalDataset:
    """Read the queries that have judgements, all titles and the judgements.

    Raises
    ------
    InvalidInput
        A file is missing or broken; the message has its path and line.
    """
    titles = read_texts(folder / CORPUS, "title")
    queries = read_texts(folder / QUERIES, "text")
    relevant = _read_judgements(folder / QRELS, queries, titles)
    judged = [identifier for identifier in queries if identifier in relevant]
    if not judged:
        raise InvalidInput(f"{folder / QRELS}: no judgement with a score above 0")
    return RetrievalDataset(
        queries=tuple(queries[identifier] for identifier in judged),
        titles=tuple(titles.values()),
        relevant=tuple(frozenset(relevant[identifier]) for identifier in judged),
    )


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each line that is not blank, with the place to name in an error."""
    try:
        with path.open("rb") as file:
            for number, found in enumerate(file, start=1):
                # Some editors begin a file with a byte-order mark.
                line = found.removeprefix(codecs.BOM_UTF8) if number == 1 else found
                if line.strip():
                    yield f"{path}, line {number}", line.decode().rstrip("\r\n")
    except FileNotFoundError:
        raise InvalidInput(
            f"{path}: no such file; a BEIR folder has {CORPUS}, {QUERIES}, {QRELS}"
        ) from None
    except OSError as error:  # a folder of that name, or one may not read it
        raise InvalidInput(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}, line {number}: not UTF-8 ({error.reason})") from error


def read_texts(path: Path, field: str) -> dict[str, str]:
    """Read `{_id: field}` from a JSON lines file, in the file's order.

    Raises
    ------
    InvalidInput
        The file is missing or broken; the message has its path and line.
    """
    texts: dict[str, str] = {}
    for place, line in _lines(path):
        entry = _parse_object(place, line)
        identifier = entry.get("_id")
        if not isinstance(identifier, str) or not identifier:
            raise InvalidInput(f"{place}: the object has no '_id' text")
        _require_encodable(place, "_id", identifier)
        if identifier in texts:
            raise InvalidInput(f"{place}: the _id '{identifier}' is there already")
        text = entry.get(field)
        if not isinstance(text, str) or not text.strip():
            raise InvalidInput(f"{place}: the {field} of '{identifier}' is missing or empty")
        _require_encodable(place, f"{field} of '{identifier}'", text)
        texts[identifier] = text
    if not texts:
        raise InvalidInput(f"{path}: the file has no entries")
    return texts


def _require_encodable(place: str, named: str, text: str) -> None:
    """Refuse half of a UTF-16 pair, which JSON can escape and no tokenizer takes."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        escape = f"\\u{ord(text[error.start]):04x}"
        raise InvalidInput(
            f"{place}: the {named} has the lone surrogate {escape}, which is half a character; "
            "write both halves or neither"
        ) from error


def _parse_object(place: str, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"{place}: not valid JSON ({error.msg}, column {error.colno})"
        ) from error
    except (ValueError, RecursionError) as error:  # too many digits, or too many brackets
        raise InvalidInput(f"{place}: JSON that cannot be read ({error})") from error
    if not isinstance(entry, dict):
        raise InvalidInput(f"{place}: expected a JSON object, found {type(entry).__name__}")
    return entry


def _read_judgements(
    path: Path, queries: dict[str, str], titles: dict[str, str]
) -> dict[str, set[int]]:
    """Read the positions of the relevant titles of each query."""
    position = {identifier: index for index, identifier in enumerate(titles)}
    relevant: dict[str, set[int]] = {}
    lines = _lines(path)
    place, header = next(lines, (str(path), ""))
    if header.split("\t") != ["query-id", "corpus-id", "score"]:
        raise InvalidInput(f"{place}: expected the header query-id, corpus-id, score with tabs")
    for place, line in lines:
        query, document, score = _parse_judgement(place, line)
        if query not in queries:
            raise InvalidInput(f"{place}: the query '{query}' is not in {QUERIES}")
        if document not in position:
            raise InvalidInput(f"{place}: the document '{document}' is not in {CORPUS}")
        if score > 0:
            relevant.setdefault(query, set()).add(position[document])
    return relevant


def _parse_judgement(place: str, line: str) -> tuple[str, str, int]:
    fields = line.split("\t")
    if len(fields) != 3:
        raise InvalidInput(
            f"{place}: expected query-id, corpus-id and score between tabs, "
            f"found {len(fields)} fields"
        )
    try:
        return fields[0], fields[1], int(fields[2])
    except ValueError:
        raise InvalidInput(f"{place}: the score '{fields[2]}' is not a whole number") from None
