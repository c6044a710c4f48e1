"""Importing emch, its command line or its benchmarks imports no engine."""

import subprocess
import sys
from pathlib import Path

import pytest

from emch.backends.registry import BACKENDS, get_backend

ROOT = Path(__file__).parents[3]
ENGINES = {
    *(module.partition(".")[0] for name in BACKENDS for module in get_backend(name).modules),
    "onnx", "datasets", "huggingface_hub", "nncf",  # what is as slow, and no engine
}  # fmt: skip
MODULES = {
    folder: [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "beam" not in path.parts  # only `emch beam` imports that room; Beam imports PyTorch
    ]
    for folder in ("emch", "benchmarks")
}


def imported_by(*statements: str) -> set[str]:
    """Return the top-level modules of a fresh interpreter after some statements."""
    code = "\n".join([*statements, "import sys", "print(*sys.modules)"])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "statement", ["import emch", "import emch.cli.main", "import emch.runners.worker"]
)
def test_front_doors_import_no_engine(statement: str) -> None:
    assert imported_by(statement) & ENGINES == set()


@pytest.mark.parametrize("folder", MODULES)
def test_no_module_imports_what_is_slow_to_import(folder: str) -> None:
    assert MODULES[folder]
    slow = {*ENGINES, "scipy"}
    assert imported_by(*(f"import {name}" for name in MODULES[folder])) & slow == set()


def test_listing_what_there_is_imports_no_engine() -> None:
    listing = "from emch.cli.main import main; main(['list', '--json'], standalone_mode=False)"
    assert imported_by(listing) & ENGINES <= {"optimum"}  # the empty parent of its parts


def test_worker_imports_nothing_that_only_the_command_line_needs() -> None:
    assert imported_by("import emch.runners.worker") & {"click", "rich", "psutil", "asv"} == set()
