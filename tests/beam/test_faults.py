"""What goes wrong in a pipeline: it ends right, the counts add up, and nothing is there twice."""

from pathlib import Path

import numpy as np

import emch
from tests.beam.conftest import Beam, answers, record
from tests.beam.engines import MARKER, POISON

GOOD = [f"a text with number {number}, and some words" for number in range(37)]
FRAGILE = "tests.beam.engines:Fragile"


def test_poisoned_inputs_are_dead_letters_and_refused_batches_are_halved(
    beam: Beam, tmp_path: Path
) -> None:
    lines = [*GOOD[:20], f"{POISON} is a word", *GOOD[20:]]
    texts = tmp_path / "texts.txt"
    texts.write_bytes("\n".join([*lines, ""]).encode() + b"\n" + b"not \xff UTF-8\n")
    done = beam(
        "sentence-encoding", "--backend", FRAGILE, "--texts", texts, "--workers", 2,
        "--max-batch-size", 16, "--out", "answers", "--json", "record.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = answers(tmp_path / "answers")
    assert sorted(found) == list(range(39))
    dead = {place: line["reason"] for place, line in found.items() if line["reason"]}
    assert dead == {
        20: "ValueError: the engine has no word for this",
        38: "it is not UTF-8 (invalid start byte at byte 4)",
    }
    made = record(tmp_path / "record.json")
    counts = made.counts
    assert (counts["inputs"], counts["answered"], counts["dead_letters"]) == (39, 37, 2)
    assert counts["inferences"] == 38, "what is not UTF-8 comes to no engine"
    assert counts["refused_batches"] > 1
    assert sum(made.samples["batch_inputs"]) == 38
    assert len(made.samples["call_s"]) == counts["batches"]
    for place in (0, 19, 21, 37):
        wanted = emch.encoder("stub", threads=1).encode([lines[place]])
        np.testing.assert_allclose([found[place]["answer"]], wanted, atol=1e-6)


def test_pipeline_whose_worker_is_killed_is_run_again(beam: Beam, tmp_path: Path) -> None:
    marker = tmp_path / "killed"
    done = beam(
        "sentence-encoding", "--backend", "tests.beam.engines:Killed", "-n", 100, "--workers", 2,
        "--out", "answers", "--json", "record.json", **{MARKER: str(marker)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert marker.exists()
    assert sorted(answers(tmp_path / "answers")) == list(range(100))
    counts = record(tmp_path / "record.json").counts
    assert (counts["answered"], counts["inferences"], counts["lost_workers"]) == (100, 100, 1)


def test_model_that_no_worker_can_load_ends_it_with_the_engine_s_words(beam: Beam) -> None:
    done = beam("sentence-encoding", "--backend", "tests.beam.engines:Unloadable", "-n", 20)
    assert done.returncode == 3
    assert done.stderr.startswith(
        "emch: the backend 'tests.beam.engines:Unloadable' could not load "
    )
    assert "RuntimeError: this worker lacks a library" in done.stderr
    assert "Traceback" not in done.stderr


def test_pipeline_without_one_answer_says_why(beam: Beam, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text(f"{POISON}\n{POISON} again\n")
    done = beam("sentence-encoding", "--backend", FRAGILE, "--texts", "texts.txt")
    assert done.returncode == 3
    assert done.stderr == (
        "emch: none of 2 inputs has an answer; that of number 0: "
        "ValueError: the engine has no word for this\n"
    )
