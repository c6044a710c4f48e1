"""Runs the command `emch` as a user does: a process, its streams and its exit code."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emch.cache import cache_dir

from .prepared import EMCH

Emch = Callable[..., subprocess.CompletedProcess[str]]
Fails = Callable[..., str]


@pytest.fixture(scope="session")
def emch() -> Emch:
    """Return a runner of `emch`; environment variables are given by name."""

    def run(*arguments: object, **environment: object) -> subprocess.CompletedProcess[str]:
        added = {name: str(value) for name, value in environment.items()}
        return subprocess.run(
            [EMCH, *map(str, arguments)],
            env=os.environ | {"COLUMNS": "80"} | added,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def fails(emch: Emch) -> Fails:
    """Return a runner of what must fail with a code and one sentence, which it returns."""

    def run(code: int, *arguments: object, **environment: object) -> str:
        done = emch(*arguments, **environment)
        assert done.returncode == code, done.stdout + done.stderr
        *before, sentence = done.stderr.splitlines()
        assert sentence.startswith("emch: ")
        assert not [line for line in before if line.startswith(("emch: ", "Error", "Traceback"))]
        return sentence.removeprefix("emch: ")

    return run


@pytest.fixture
def cache_copy(prepared_model: str, tmp_path: Path) -> Iterator[Path]:
    """Copy the prepared model into a cache that a test may damage."""
    cache = tmp_path / "cache"
    model = Path("models") / prepared_model
    shutil.copytree(cache_dir() / model, cache / model)
    yield cache
    shutil.rmtree(cache)  # pytest would keep 200 MB for each of the last tests


@pytest.fixture
def model_copy(cache_copy: Path, prepared_model: str) -> Path:
    """Return the folder with one folder for each artifact in the copied cache."""
    return cache_copy / "models" / prepared_model
