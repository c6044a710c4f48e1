"""Bad usage and bad input end with code 2 and one sentence, before anything is measured."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Emch = Callable[..., subprocess.CompletedProcess[str]]
Fails = Callable[..., str]
RUN = ("run", "semantic-search", "--backend", "onnxruntime")
ENCODE = ("run", "sentence-encoding", "--backend", "onnxruntime")
START = ("run", "startup", "--backend", "onnxruntime")
PARTS = ("run", "model-parts", "--backend", "onnxruntime", "--part", "whole")

WRONG = {
    "unknown verb": (("rum",), ["'rum'"]),
    "unknown option": ((*RUN, "--thread", 2), ["--thread"]),
    "unknown task": (
        ("run", "search", "--backend", "onnxruntime"),
        ["unknown task 'search'", "semantic-search, sentence-encoding, text-encoding, startup"],
    ),
    "option before the task": (("run", "--backend", "onnxruntime", "startup"), ["--backend"]),
    "option of another task": ((*ENCODE, "--limit", 5), ["--limit"]),
    "no backend": (("run", "semantic-search"), ["--backend"]),
    "unknown backend": (
        ("run", "semantic-search", "--backend", "onyx"),
        ["unknown backend 'onyx'", "onnxruntime-int8", "pytorch"],
    ),
    "unknown dataset": ((*RUN, "--dataset", "max"), ["unknown dataset 'max'", "mini, scifact"]),
    "batch size 0": ((*RUN, "--batch-size", 0), ["--batch-size", "0", ">=1"]),
    "batch size -1": ((*RUN, "--batch-size", -1), ["--batch-size", "-1", ">=1"]),
    "batch size many": ((*RUN, "--batch-size", "many"), ["--batch-size", "many"]),
    "threads 0": ((*RUN, "--threads", 0), ["--threads", "0", ">=1"]),
    "limit 0": ((*RUN, "--limit", 0), ["--limit", "0", ">=1"]),
    "unknown fields": ((*RUN, "--fields", "text"), ["--fields", "'text'", "title,text"]),
    "streams 0": ((*RUN, "--streams", 0), ["--streams", "0", ">=1"]),
    "unknown device": ((*RUN, "--device", "tpu"), ["--device", "tpu", "cpu", "cuda"]),
    "callers 0": ((*ENCODE, "--callers", 0), ["--callers", "0", ">=1"]),
    "more callers than CPUs": (
        (*ENCODE, "--callers", 5000, "--threads", 2),
        ["5000 callers x 2 threads need 10000 CPUs"],
    ),
    **{
        f"more threads than CPUs for {command[1]}": (
            (*command, "--threads", 5000),
            ["5000 threads need 5000 CPUs", "--oversubscribe"],
        )
        for command in (RUN, ENCODE, START, PARTS)
    },
    "more streams than CPUs": (
        ("run", "startup", "--backend", "openvino", "--threads", 5000, "--streams", 5000),
        ["5000 threads need 5000 CPUs"],
    ),
    "compare with nothing": (("compare",), ["BASE"]),
    "compare with an unknown commit": (("compare", "nonsense"), ["git knows no commit 'nonsense'"]),
    "compare on an unknown stack": (
        ("compare", "HEAD", "--stack", "old"),
        ["unknown stack 'old'", "current"],
    ),
    "compare with one of two stacks": (
        ("compare", "HEAD", "--stack-a", "current"),
        ["--stack-a and --stack-b go together"],
    ),
    "compare within a number": (("compare", "HEAD", "--threshold", "3"), ["'3'", "3%"]),
    "compare cells of no pattern": (
        ("compare", "HEAD", "--bench", "["),
        ["'['", "regular expression"],
    ),
    "history of no pattern": (
        ("compare", "--history", "--bench", "("),
        ["'('", "regular expression"],
    ),
    "history of a commit": (("compare", "--history", "HEAD"), ["give it --bench alone"]),
    "track cells of no pattern": (
        ("track", "--machine", "m", "--bench", "["),
        ["'['", "regular expression"],
    ),
    "compare for ever": (("compare", "HEAD", "--budget", "soon"), ["'soon'", "10m"]),
    "compare into a folder that is not there": (
        ("compare", "HEAD", "--json", "/no/such/file"),
        ["--json /no/such/file"],
    ),
    "two kinds of output of site": (("site", "--json", "--markdown"), ["choose one"]),
    "report in a folder that is not there": (
        ("site", "--report", "/no/such/report.html"),
        ["--report /no/such/report.html"],
    ),
    "pictures in a file": (("site", "--png", __file__), ["--png", "not a folder"]),
    "no backend to encode": (("run", "sentence-encoding"), ["--backend"]),
    "no backend to start": (("run", "startup"), ["--backend"]),
    "unknown sentences to encode": (
        (*ENCODE, "--dataset", "mini"),
        ["unknown dataset 'mini'", "sentences-N, abstracts-N, titles"],
    ),
    "unknown sentences to start": (
        (*START, "--dataset", "scifact"),
        ["unknown dataset 'scifact'", "sentences-N, abstracts-N, titles"],
    ),
    "sentences without tokens": ((*ENCODE, "--dataset", "sentences-0"), ["'sentences-0'"]),
    "sentences of no number": ((*START, "--dataset", "sentences-x"), ["'sentences-x'"]),
    "sentences to search": ((*RUN, "--dataset", "titles"), ["unknown dataset 'titles'", "mini"]),
    "missing --data": (
        (*RUN, "--dataset", "scifact", "--data", "/no/such"),
        ["--data /no/such: no such folder"],
    ),
    "--data with mini": ((*RUN, "--data", "."), ["'mini' is part of emch", "--data"]),
    "unknown dataset to fetch": (("prepare", "--dataset", "max"), ["max", "mini", "scifact"]),
    "model that is nothing": (("prepare", "--model", "what is this?"), ["what is this?"]),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_bad_usage_is_one_sentence(
    emch: Emch, arguments: tuple[object, ...], words: list[str]
) -> None:
    done = emch(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.removeprefix("emch: ").splitlines()
    assert done.stderr == f"emch: {sentence}\n"
    for word in words:
        assert word in sentence


def test_broken_file_is_named_with_its_line(
    fails: Fails, write_beir_folder: Callable[..., Path]
) -> None:
    folder = write_beir_folder(queries='{"_id": "q1", "text": "fine"}\n{"_id": }\n')
    sentence = fails(2, *RUN, "--dataset", "scifact", "--data", folder)
    assert f"{folder / 'queries.jsonl'}, line 2: not valid JSON" in sentence


@pytest.mark.parametrize("file", ["queries", "corpus"])
def test_lone_surrogate_is_named_with_its_line(
    fails: Fails, write_beir_folder: Callable[..., Path], file: str
) -> None:
    text = '{"_id": "q1", "title": "fine", "text": "fine"}\n'
    folder = write_beir_folder(**{file: text + text.replace("q1", "q2").replace("fine", r"\ud800")})
    sentence = fails(2, *RUN, "--dataset", "scifact", "--data", folder)
    assert f"{folder / file}.jsonl, line 2: " in sentence
    assert "lone surrogate \\ud800" in sentence


def test_model_folder_without_safetensors_is_refused(fails: Fails, tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json", "pytorch_model.bin"):
        (tmp_path / name).touch()
    sentence = fails(2, "prepare", "--model", tmp_path, EMCH_CACHE=tmp_path / "cache")
    assert sentence.startswith(f"{tmp_path} has no model.safetensors, whole or in parts")
    assert sentence.endswith("emch loads safetensors only")
    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("prepared_model")
@pytest.mark.parametrize("target", ["none/record.json", "folder"])
def test_record_that_cannot_be_written_is_refused_and_leaves_nothing(
    fails: Fails, tmp_path: Path, target: str
) -> None:
    (tmp_path / "folder").mkdir()
    sentence = fails(2, *RUN, "--limit", 1, "--json", tmp_path / target)
    assert f"--json {tmp_path / target}: " in sentence
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


def test_debug_shows_the_traceback(emch: Emch) -> None:
    done = emch("--debug", "run", "semantic-search", "--backend", "onyx")
    assert done.returncode != 0
    assert "Traceback" in done.stderr
    assert "InvalidInput: unknown backend 'onyx'" in done.stderr
