"""Runs what README and docs show: Python blocks, and the commands in console blocks."""

import re
import shlex
from pathlib import Path

import click
import pytest

from emch.cli.main import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"(<!-- not run[^\n]*\n)?```(\w+)\n(.*?)```", re.DOTALL)


def blocks(language: str) -> list[tuple[str, str]]:
    """Return (page, text) of every block of a language that is not marked `not run`."""
    return [
        (page.name, text)
        for page in PAGES
        for skipped, found, text in BLOCK.findall(page.read_text())
        if found == language and not skipped
    ]


def commands(program: str) -> list[str]:
    """Return the commands after a prompt that call a program of ours."""
    lines = [line for _, text in blocks("console") for line in text.splitlines()]
    return [line.removeprefix("$ ") for line in lines if re.match(rf"\$ (\S*/)?{program} ", line)]


@pytest.mark.parametrize(("page", "text"), blocks("python"))
def test_python_block_runs(page: str, text: str) -> None:
    exec(compile(text, page, "exec"), {"__name__": "example"})  # noqa: S102 - our own docs


@pytest.mark.parametrize("line", commands("emch"))
def test_emch_command_parses(line: str) -> None:
    _, *words = shlex.split(line, comments=True)
    command: click.Command = main
    while isinstance(command, click.Group):
        _, found, words = command.resolve_command(click.Context(command), words)
        assert found is not None
        command = found
    command.make_context(command.name, words)


@pytest.mark.parametrize("line", commands("make"))
def test_make_target_exists(line: str) -> None:
    target = shlex.split(line)[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_there_are_examples_to_run() -> None:
    assert blocks("python")
    assert commands("emch")
    assert commands("make")
