"""`emch beam` as a user calls it, with engines of its own, and small models."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from emch.records import Record
from tests.conftest import Require
from tests.stacks import ROOT

Beam = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session", autouse=True)
def tools(require: Require) -> None:
    """These tests need Beam."""
    require(find_spec("apache_beam"), "pip install 'emch[beam]'")


@pytest.fixture
def beam(tmp_path: Path) -> Beam:
    """Return what runs `emch beam`, whose workers find the engines of these tests."""

    def run(*words: object, **variables: str) -> "subprocess.CompletedProcess[str]":
        env = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
        command = [sys.executable, "-m", "emch.cli.main", "beam", *map(str, words)]
        return subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )

    return run


def answers(folder: Path) -> dict[int, dict[str, Any]]:
    """Return the lines of all parts, by the places of the inputs."""
    lines = [
        json.loads(line)
        for part in sorted(folder.glob("part-*.jsonl"))
        for line in part.read_text(encoding="utf-8").splitlines()
    ]
    found = {line["input"]: line for line in lines}
    assert len(found) == len(lines), "an input is there twice"
    return found


def record(path: Path) -> Record:
    return Record.from_json(path.read_text(encoding="utf-8"))
