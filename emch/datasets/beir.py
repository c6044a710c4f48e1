"""Reads a folder in BEIR's layout: corpus.jsonl, queries.jsonl and qrels/test.tsv.

Every error names the file and the line, so that a broken file can be corrected.
"""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emch.datasets.base import FIELDS, TITLE, RetrievalDataset
from emch.errors import InvalidInput

CORPUS = "corpus.jsonl"
QUERIES = "queries.jsonl"
QRELS = "qrels/test.tsv"
BEST_SCORE = 10_000
"""The highest score of a judgement; trec_eval takes 8 bytes of memory for each one up to it."""


def load_beir(folder: Path, fields: str = TITLE) -> RetrievalDataset:
    """Read the queries that have judgements, all documents and the judgements.

    Parameters
    ----------
    folder : Path
        The folder, in BEIR's layout.
    fields : str
        What to read of the documents, one of `emch.datasets.base.FIELDS`.

    Raises
    ------
    InvalidInput
        A file is missing or broken; the message has its path and line.
    """
    documents = read_entries(folder / CORPUS, *fields.split(","))
    queries = read_entries(folder / QUERIES, "text")
    position = {identifier: index for index, identifier in enumerate(documents)}
    relevant = _read_judgements(folder / QRELS, queries, position)
    judged = [identifier for identifier in queries if identifier in relevant]
    if not judged:
        raise InvalidInput(f"{folder / QRELS}: no judgement with a score above 0")
    return RetrievalDataset(
        queries=tuple(queries[identifier] for identifier in judged),
        documents=tuple(documents.values()),
        relevant=tuple(relevant[identifier] for identifier in judged),
        same_id=tuple(position.get(identifier, -1) for identifier in judged),
    )


LAYOUT = f"a BEIR folder has {CORPUS}, {QUERIES}, {QRELS}"


def read_lines(path: Path, remedy: str = LAYOUT) -> Iterator[tuple[str, str]]:
    """Yield each line that is not blank, with the place to name in an error.

    Raises
    ------
    InvalidInput
        There is no such file, which the remedy follows, or it cannot be read as UTF-8.
    """
    try:
        with path.open("rb") as file:
            for number, found in enumerate(file, start=1):
                # Some editors begin a file with a byte-order mark.
                line = found.removeprefix(codecs.BOM_UTF8) if number == 1 else found
                if line.strip():
                    yield f"{path}, line {number}", line.decode().rstrip("\r\n")
    except FileNotFoundError:
        raise InvalidInput(f"{path}: no such file; {remedy}") from None
    except OSError as error:  # a folder of that name, or one may not read it
        raise InvalidInput(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}, line {number}: not UTF-8 ({error.reason})") from error


def read_entries(path: Path, *fields: str) -> dict[str, str]:
    """Read `{_id: text}` from a JSON lines file, in the file's order.

    Parameters
    ----------
    path : Path
        The file.
    *fields : str
        The field that is the text, or several, which are joined as BEIR does in
        `extract_corpus_sentences`: with a space, and without the blanks at both ends.

    Raises
    ------
    InvalidInput
        The file is missing or broken; the message has its path and line.
    """
    texts: dict[str, str] = {}
    for place, line in read_lines(path):
        entry = _parse_object(place, line)
        identifier = entry.get("_id")
        if not isinstance(identifier, str) or not identifier:
            raise InvalidInput(f"{place}: the object has no '_id' text")
        require_encodable(place, "_id", identifier)
        if identifier in texts:
            raise InvalidInput(f"{place}: the _id '{identifier}' is there already")
        texts[identifier] = _join(place, identifier, entry, fields)
    if not texts:
        raise InvalidInput(f"{path}: the file has no entries")
    return texts


def _join(place: str, identifier: str, entry: dict[str, Any], fields: tuple[str, ...]) -> str:
    """Return the text of an entry; of several fields all but one may be missing or empty."""
    parts = [entry.get(field) or "" for field in fields]
    for field, part in zip(fields, parts, strict=True):
        if not isinstance(part, str):
            raise InvalidInput(f"{place}: the {field} of '{identifier}' is not a text")
        require_encodable(place, f"{field} of '{identifier}'", part)
    text = parts[0] if len(parts) == 1 else " ".join(parts).strip()
    if not text.strip():
        named = f"{' and '.join(fields)} of '{identifier}' {'is' if len(fields) == 1 else 'are'}"
        hint = (
            f"; --fields {FIELDS[-1]} also takes documents without a title"
            if fields == (TITLE,)
            else ""
        )
        raise InvalidInput(f"{place}: the {named} missing or empty{hint}")
    return text


def require_encodable(place: str, named: str, text: str) -> None:
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
    path: Path, queries: dict[str, str], position: dict[str, int]
) -> dict[str, dict[int, int]]:
    """Read the scores of the relevant documents of each query, by their positions."""
    relevant: dict[str, dict[int, int]] = {}
    lines = read_lines(path)
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
            relevant.setdefault(query, {})[position[document]] = score
    return relevant


def _parse_judgement(place: str, line: str) -> tuple[str, str, int]:
    fields = line.split("\t")
    if len(fields) != 3:
        raise InvalidInput(
            f"{place}: expected query-id, corpus-id and score between tabs, "
            f"found {len(fields)} fields"
        )
    try:
        score = int(fields[2])
    except ValueError:
        raise InvalidInput(f"{place}: the score '{fields[2]}' is not a whole number") from None
    if score > BEST_SCORE:
        raise InvalidInput(f"{place}: the score {score} is above {BEST_SCORE}, the highest allowed")
    return fields[0], fields[1], score
