"""The help of every verb is what goldens/ has; after a wanted change, write it again with

COLUMNS=80 emch VERB --help > tests/cli/goldens/VERB.txt
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.cli.main import VERBS

GOLDENS = Path(__file__).parent / "goldens"
Emch = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("verb", ["emch", *VERBS])
def test_help_is_the_golden(emch: Emch, verb: str) -> None:
    done = emch(*([] if verb == "emch" else [verb]), "--help")
    assert done.returncode == 0
    assert done.stdout == (GOLDENS / f"{verb}.txt").read_text(encoding="utf-8")
    assert done.stderr == ""


def test_every_golden_has_its_verb() -> None:
    assert {path.stem for path in GOLDENS.iterdir()} == {"emch", *VERBS}


def test_short_option_is_the_long_one(emch: Emch) -> None:
    assert emch("-h").stdout == emch("--help").stdout


def test_help_needs_no_cache_and_writes_nothing(emch: Emch, empty_cache: Path) -> None:
    assert emch("run", "--help").returncode == 0
    assert not empty_cache.exists()


def test_version_is_that_of_the_package(emch: Emch) -> None:
    from importlib.metadata import version

    assert emch("--version").stdout == f"emch, version {version('emch')}\n"
