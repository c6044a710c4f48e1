"""What tests of every folder share: requirements, small BEIR folders, the prepared model."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.errors import EmchError
from emch.models.artifacts import KINDS, open_artifact
from emch.models.source import DEFAULT_MODEL

# Read when the Hub's library is first imported, by us or by a process that we start.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.pop("EMCH_DATA_DIR", None)
# A shell makes what it runs in the background ignore Ctrl-C, and so would all that we start.
signal.signal(signal.SIGINT, signal.default_int_handler)

CORPUS = """\
{"_id": "d1", "title": "Aspirin and stroke", "text": ""}
{"_id": "d2", "title": "Glaciers", "text": ""}
{"_id": "d3", "title": "β-blockers", "text": ""}
"""
QUERIES = """\
{"_id": "q1", "text": "Aspirin prevents strokes."}
{"_id": "q2", "text": "Ice moves."}
{"_id": "q3", "text": "Nobody has judged this."}
"""
QRELS = "query-id\tcorpus-id\tscore\nq2\td2\t1\nq1\td1\t1\nq1\td3\t2\nq1\td2\t0\n"

Require = Callable[[object, str], None]
WriteBeir = Callable[..., Path]


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in this hook too
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process of pytest-xdist: they share what is slow to make."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def require() -> Require:
    """Return what skips a test that lacks something, or fails it where EMCH_REQUIRE is set."""

    def check(condition: object, reason: str) -> None:
        if not condition:
            (pytest.fail if os.environ.get("EMCH_REQUIRE") else pytest.skip)(reason)

    return check


@pytest.fixture
def write_beir_folder(tmp_path: Path) -> WriteBeir:
    """Return a writer of a sound BEIR folder; a file can be replaced, or left out with None."""

    def write(
        folder: Path = tmp_path,
        corpus: str | bytes | None = CORPUS,
        queries: str | bytes | None = QUERIES,
        qrels: str | bytes | None = QRELS,
    ) -> Path:
        (folder / "qrels").mkdir(parents=True)
        files = {"corpus.jsonl": corpus, "queries.jsonl": queries, "qrels/test.tsv": qrels}
        for name, content in files.items():
            if content is not None:
                encoded = content.encode() if isinstance(content, str) else content
                (folder / name).write_bytes(encoded)
        return folder

    return write


@pytest.fixture(scope="session")
def prepared_model(require: Require) -> str:
    """Return the name of a model whose artifacts are in the cache, the optional ones apart."""
    for kind in (kind for kind, made in KINDS.items() if not made.optional):
        try:
            open_artifact(DEFAULT_MODEL, kind)
        except EmchError as error:
            require(False, str(error))  # the sentence ends in "run 'emch prepare'"
    return DEFAULT_MODEL


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point EMCH_CACHE at a folder that is not there yet."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("EMCH_CACHE", str(cache))
    return cache
