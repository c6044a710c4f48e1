"""A whole run without an engine and without a prepared model, by the stub."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.records import Record
from tests.outside import NAME, write_package

Emch = Callable[..., subprocess.CompletedProcess[str]]
Fails = Callable[..., str]

pytestmark = pytest.mark.usefixtures("empty_cache")


def test_people_get_figures_and_are_told_that_there_is_no_reference(emch: Emch) -> None:
    done = emch("run", "semantic-search", "--backend", "stub")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["hit", "rate", "0.0333"] in rows
    assert not [row for row in rows if row[0] == "cosine"]
    (line,) = done.stderr.splitlines()
    assert "stub is no model that was prepared (a stub: hashed words, and no model)" in line


@pytest.mark.parametrize("task", ["semantic-search", "sentence-encoding", "startup"])
def test_every_task_that_needs_no_parts_runs(emch: Emch, task: str) -> None:
    done = emch("run", task, "--backend", "stub", "--json", "-")
    assert done.returncode == 0, done.stderr
    record = Record.from_json(done.stdout)
    assert (record.model, record.cosine_to_reference) == ("stub", None)
    assert record.artifact["kind"] == "stub"


def test_stub_is_in_no_list(emch: Emch) -> None:
    assert "stub" not in emch("list").stdout


def test_broken_package_is_told_in_the_list_and_breaks_nothing(emch: Emch, tmp_path: Path) -> None:
    folder = write_package(tmp_path / "site")
    (folder / "tiny_engine.py").write_text("1 / 0")
    done = emch("list", "--json", PYTHONPATH=f"{folder}:{os.environ.get('PYTHONPATH', '')}")
    assert done.returncode == 0, done.stderr
    assert "ZeroDivisionError" in json.loads(done.stdout)["backends"][NAME]["state"]


def test_other_model_is_refused(fails: Fails) -> None:
    sentence = fails(2, "run", "startup", "--backend", "stub", "--model", "mine")
    assert "the backend 'stub' brings a model of its own and cannot load 'mine'" in sentence
