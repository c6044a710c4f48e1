"""The help of every command is what goldens/ has; after a wanted change, write it again with

COLUMNS=80 emch VERB --help > tests/cli/goldens/VERB.txt

and for a command of a group, `emch run startup --help` say, to run-startup.txt.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from emch.cli.main import main
from emch.tasks.registry import TASKS

GOLDENS = Path(__file__).parent / "goldens"
Emch = Callable[..., subprocess.CompletedProcess[str]]


def commands(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of a command and of all that are in it."""
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(found, *words, name)


COMMANDS = {"-".join(words) or "emch": words for words in commands(main)}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_the_golden(emch: Emch, name: str) -> None:
    done = emch(*COMMANDS[name], "--help")
    assert done.returncode == 0
    assert done.stdout == (GOLDENS / f"{name}.txt").read_text(encoding="utf-8")
    assert done.stderr == ""


def test_every_golden_has_its_command() -> None:
    assert {path.stem for path in GOLDENS.iterdir()} == COMMANDS.keys()


def test_every_task_has_its_command() -> None:
    assert [words[1] for words in COMMANDS.values() if words[:1] == ("run",) and words[1:]] == (
        sorted(TASKS)
    )


def test_short_option_is_the_long_one(emch: Emch) -> None:
    assert emch("-h").stdout == emch("--help").stdout


def test_help_needs_no_cache_and_writes_nothing(emch: Emch, empty_cache: Path) -> None:
    assert emch("run", "--help").returncode == 0
    assert emch("run", "startup", "--help").returncode == 0
    assert not empty_cache.exists()


def test_version_is_that_of_the_package(emch: Emch) -> None:
    from importlib.metadata import version

    assert emch("--version").stdout == f"emch, version {version('emch')}\n"
