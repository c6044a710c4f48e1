"""Holds the backends that need a stack of their own against the same contract, in that stack."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from emch.backends.registry import get_backend
from emch.models.artifacts import KINDS
from tests.contract.conftest import own_stacks

ROOT = Path(__file__).parents[2]
ELSEWHERE = "EMCH_TEST_BACKENDS" in os.environ


def install(folder: Path, stack: str) -> Path:
    """Install a stack with pytest beside it; uv links the files that .venv has too."""
    tools = ("pytest", "pytest-timeout")  # the second for its line in pyproject.toml
    from emch.tracking.stacks import read_stacks
    from tests.stacks import load_config

    pins = next(each.pins for each in read_stacks(load_config()) if each.label == stack)
    wanted = [f"{name}=={version}" for name, version in pins.items()]
    core = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return make_environment(folder, *tools, *core, *wanted)


def make_environment(folder: Path, *wanted: str) -> Path:
    """Install requirements into an environment of their own; return its Python."""
    from uv import find_uv_bin  # not in the other stacks

    uv, python = find_uv_bin(), folder / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *wanted], check=True)
    return python


def distil(folder: Path) -> None:
    """Make the artifacts that are other models, with packages that no other artifact needs."""
    python = make_environment(folder, f"{ROOT}[prepare-model2vec]")
    command = [python, "-m", "emch.cli.main", "prepare", "--distil"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)


@pytest.mark.matrix
@pytest.mark.skipif(ELSEWHERE, reason="this is the run in another stack")
@pytest.mark.parametrize(("backend", "stack"), [] if ELSEWHERE else own_stacks().items())
def test_contract_holds_in_its_own_stack(backend: str, stack: str, tmp_path: Path) -> None:
    if KINDS[get_backend(backend).artifact].another:
        distil(tmp_path / "distilling")
    python = install(tmp_path / "environment", stack)
    done = subprocess.run(
        [python, "-m", "pytest", "-p", "no:cacheprovider", "tests/contract"],
        cwd=ROOT,
        env={**os.environ, "EMCH_TEST_BACKENDS": backend, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
