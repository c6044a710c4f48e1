"""`emch run` reports one run, as a table for people or as JSON alone for programs."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emch.metrics import METRICS
from emch.models.artifacts import open_artifact
from emch.records import Record

from .written import read

Emch = Callable[..., subprocess.CompletedProcess[str]]
RUN = ("run", "semantic-search", "--backend", "onnxruntime", "--dataset", "mini")
FIELDS = {
    "schema_version", "task", "model", "backend", "parameters", "options", "rows", "values",
    "session", "artifact", "versions", "machine", "created",
}  # fmt: skip
PROMISED = FIELDS - {"rows", "values"} | {
    "dataset", "batch_size", "fields", "exclude_self", "data", "limit",
    "threads", "streams", "device", "provider", "optimization", "oversubscribe",
    "queries", "documents", "hits",
    "tokens", "flop", "hit_rate", "miss_rate", "wall_s", "user_s", "kernel_s",
    "cpu_percent", "flop_per_second",
    "peak_rss_bytes", "import_s", "load_s", "rss_after_load_bytes", "artifact_bytes", "tokenize_s",
    "encode_s", "pool_s", "search_s", "tokens_per_second", "cosine_to_reference", "samples",
}  # fmt: skip

pytestmark = pytest.mark.usefixtures("prepared_model")


@pytest.fixture(scope="module")
def run(emch: Emch) -> subprocess.CompletedProcess[str]:
    return emch(*RUN, "--json", "-")


@pytest.fixture(scope="module")
def record(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return read(run.stdout)


def test_stdout_is_one_line_of_json(run: subprocess.CompletedProcess[str]) -> None:
    assert run.returncode == 0, run.stderr
    assert len(run.stdout.splitlines()) == 1
    assert Record.from_json(run.stdout).to_json() + "\n" == run.stdout


def test_record_has_what_is_promised(
    run: subprocess.CompletedProcess[str], record: dict[str, Any]
) -> None:
    assert json.loads(run.stdout).keys() == FIELDS
    assert record.keys() == PROMISED
    assert record["samples"].keys() - {"batch_s", "hit"} <= METRICS.keys()
    assert record["versions"].keys() >= {"emch", "numpy", "onnxruntime"}
    assert record["machine"].keys() >= {"cpus", "memory_bytes", "python"}
    assert record["created"].endswith("+00:00")


def test_figures_fit_together(record: dict[str, Any]) -> None:
    assert (record["queries"], record["documents"], record["batch_size"]) == (120, 240, 16)
    assert record["hit_rate"] == record["hits"] / 120
    assert len(record["samples"]["batch_s"]) == 15 + 8
    assert sum(record["samples"]["batch_s"]) < record["encode_s"] < record["wall_s"]
    assert record["load_s"] + record["encode_s"] + record["search_s"] < record["wall_s"]
    assert 0 < record["import_s"] < record["load_s"]
    assert 360 * 3 < record["tokens"] < 360 * 256
    assert record["tokens_per_second"] == pytest.approx(record["tokens"] / record["encode_s"])
    cpu = record["user_s"] + record["kernel_s"]
    assert record["cpu_percent"] == pytest.approx(100 * cpu / record["wall_s"])
    assert 90 * 2**20 < record["rss_after_load_bytes"] <= record["peak_rss_bytes"] < 2 * 2**30


def test_answers_are_right(record: dict[str, Any]) -> None:
    assert record["hit_rate"] > 0.7
    assert 0.99999 <= record["cosine_to_reference"] < 1.0001


def artifact_tool(model: str) -> str:
    return open_artifact(model, "safetensors").manifest.tools["sentence-transformers"]


def test_record_names_what_was_loaded(record: dict[str, Any], prepared_model: str) -> None:
    artifact = open_artifact(prepared_model, "onnx")
    size = sum(path.stat().st_size for path in artifact.folder.rglob("*") if path.is_file())
    manifest = (artifact.folder / "manifest.json").stat().st_size
    assert record["artifact"] == {
        "kind": "onnx",
        "sha256": artifact.sha256,
        "size": size - manifest,
        "origin": artifact.manifest.details["origin"],
        "reference": f"sentence-transformers {artifact_tool(prepared_model)}",
    }
    assert record["artifact_bytes"] == size - manifest
    assert record["session"]["library"] == f"onnxruntime {record['versions']['onnxruntime']}"
    assert record["session"]["threads"] == record["threads"]


def test_limit_takes_the_first_queries_and_a_file_is_written_whole(
    emch: Emch, tmp_path: Path
) -> None:
    target = tmp_path / "record.json"
    done = emch(*RUN, "--limit", 10, "--threads", 1, "--batch-size", 7, "--json", target)
    assert (done.returncode, done.stdout) == (0, "")
    found = read(target.read_text(encoding="utf-8"))
    assert found.keys() == PROMISED
    assert (found["queries"], found["limit"], found["documents"]) == (10, 10, 240)
    assert (found["threads"], found["batch_size"]) == (1, 7)
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_people_get_a_table(emch: Emch) -> None:
    done = emch(*RUN, "--limit", 20)
    assert done.returncode == 0, done.stderr
    header, *rows = (line.rsplit("  ", 1) for line in done.stdout.splitlines() if line.strip())
    assert [word.strip() for word in header] == ["metric", "value"]
    shown = {row[0].strip() for row in rows}
    assert shown >= {"hit rate", "hits", "wall", "user", "kernel", "CPU", "peak memory", "cosine"}
    assert ["queries", "20"] in [line.split() for line in done.stdout.splitlines()]


def test_quiet_when_stderr_is_no_terminal(run: subprocess.CompletedProcess[str]) -> None:
    assert run.stderr == ""


def test_local_scifact_folder_is_run(
    emch: Emch, tmp_path: Path, write_beir_folder: Callable[..., Path]
) -> None:
    folder = write_beir_folder(tmp_path / "scifact")
    done = emch(*RUN[:-1], "scifact", "--data", tmp_path, "--json", "-")
    found = read(done.stdout)
    assert (found["dataset"], found["queries"], found["documents"]) == ("scifact", 2, 3)
    assert found["hits"] == 2
    assert {path.name for path in folder.iterdir()} == {"corpus.jsonl", "queries.jsonl", "qrels"}


def test_title_and_text_have_the_metrics_of_rankings(
    emch: Emch, tmp_path: Path, write_beir_folder: Callable[..., Path]
) -> None:
    corpus = """\
{"_id": "d1", "title": "", "text": "Aspirin prevents strokes."}
{"_id": "d2", "title": "Glaciers", "text": "Ice that moves."}
{"_id": "d3", "title": "Blockers", "text": ""}
"""
    write_beir_folder(tmp_path / "scifact", corpus=corpus)
    search = (*RUN[:-1], "scifact", "--data", tmp_path, "--fields", "title,text")
    done = emch(*search, "--json", "-")
    assert (done.returncode, done.stderr) == (0, "")
    found = read(done.stdout)
    assert found.keys() == PROMISED | {"ndcg_at_10", "recall_at_100", "mrr_at_10"}
    assert (found["fields"], found["exclude_self"]) == ("title,text", False)
    assert (found["hits"], found["mrr_at_10"], found["recall_at_100"]) == (2, 1.0, 1.0)
    assert len(found["samples"]["ndcg_at_10"]) == 2
    assert 0.5 < found["ndcg_at_10"] < 1  # the document of score 2 comes after that of score 1
    assert "nDCG@10" in emch(*search).stdout


def test_query_that_is_a_document_is_said_on_stderr_unless_it_is_excluded(
    emch: Emch, tmp_path: Path, write_beir_folder: Callable[..., Path]
) -> None:
    write_beir_folder(
        tmp_path / "scifact",
        queries='{"_id": "d3", "text": "β-blockers"}\n{"_id": "q1", "text": "Ice moves."}\n',
        qrels="query-id\tcorpus-id\tscore\nd3\td3\t1\nq1\td2\t1\n",
    )
    search = (*RUN[:-1], "scifact", "--data", tmp_path, "--json", "-")
    itself, excluded = emch(*search), emch(*search, "--exclude-self")
    assert [line for line in itself.stderr.splitlines() if "--exclude-self" in line] == [
        "1 of 2 queries have the id of a document, and may find themselves: "
        "--exclude-self leaves that document out, as BEIR does"
    ]
    assert excluded.stderr == ""
    assert [read(done.stdout)["hits"] for done in (itself, excluded)] == [2, 1]
