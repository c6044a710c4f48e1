"""asv.conf.json: a new one, and what a stack adds to one that is there."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import json5

from emch.errors import InvalidInput
from emch.tracking.quickstart.repo import Repo
from emch.tracking.stacks import LABEL
from emch.tracking.upgrades import RUNNER

FILE = "asv.conf.json"
PLUGIN = ".emch.asv_plugin"
INDENT = 4


def stack_entry(label: str, pins: Mapping[str, str], python: str) -> dict[str, Any]:
    """Return a stack as asv.conf.json has it under "include"."""
    # Under this name asv takes its own runner, and adds none of another version.
    named = {"pip+asv_runner" if name == RUNNER else name: pins[name] for name in pins}
    return {"python": python, "req": named, "env_nobuild": {LABEL: label}}


def new_config(repo: Repo, stacks: list[dict[str, Any]]) -> str:
    """Return the text of an asv.conf.json for a repository."""
    package = repo.package
    isolation = "" if package and package.isolated else "--no-build-isolation "
    build = f"python -m pip wheel --no-deps {isolation}-w {{build_cache_dir}} {{build_dir}}"
    content = {
        "version": 1,
        "project": package.name if package else re.sub(r"[^\w.-]+", "-", repo.root.name),
        "repo": ".",
        "branches": [repo.branch],
        "plugins": [PLUGIN],
        "environment_type": "emch",
        "pythons": [],
        "include": stacks,
        # Without a package there is nothing to build; asv takes no entry for its own commands.
        "build_command": [build] if package else [],
        "install_command": ["in-dir={env_dir} python -m pip install {wheel_file}"]
        if package
        else [],
        "uninstall_command": ["return-code=any python -m pip uninstall -y {project}"]
        if package
        else [],
        "benchmark_dir": "benchmarks",
        "env_dir": ".asv/env",
        "results_dir": "results",
        "html_dir": "html",
    }
    return json.dumps(content, indent=INDENT) + "\n"


def with_stack(text: str, entry: Mapping[str, Any]) -> str:
    """Return the text of an asv.conf.json with one more stack; comments stay where they are.

    Raises
    ------
    InvalidInput
        The text is no JSON as asv reads it.
    """
    return _with_item(text, "include", json.dumps(entry, indent=INDENT))


def proposed(text: str, entries: list[dict[str, Any]]) -> str:
    """Return the text of another project's asv.conf.json with all that emch's stacks need.

    Raises
    ------
    InvalidInput
        See `with_stack`.
    """
    found = _read(text)
    if PLUGIN not in found.get("plugins", []):
        text = _with_item(text, "plugins", json.dumps(PLUGIN))
    if found.get("environment_type") != "emch":
        text = _with_value(text, "environment_type", '"emch"')
        text = _with_value(text, "pythons", "[]")
    for entry in entries:
        text = with_stack(text, entry)
    return text


def _read(text: str) -> dict[str, Any]:
    try:
        found = json5.loads(text)
    except ValueError as error:
        raise InvalidInput(f"{FILE} cannot be read ({error}): correct it") from error
    if not isinstance(found, dict):
        raise InvalidInput(f"{FILE} has no object: correct it")
    return found


def _with_value(text: str, key: str, value: str) -> str:
    """Set a key at the top of the object, in place of its own line where it has one."""
    if key not in _read(text):
        return text.replace("{", f'{{\n    "{key}": {value},', 1)
    start, end = _extent(text, key)
    return f"{text[:start]}{value}{text[end:]}"


def _with_item(text: str, key: str, item: str) -> str:
    """Add an item at the end of a list of the object, or the list itself."""
    lines = "\n" + "\n".join(f"{' ' * 2 * INDENT}{line}" for line in item.splitlines())
    if key not in _read(text):
        return text.replace("{", f'{{\n    "{key}": [{lines}\n    ],', 1)
    start, end = _extent(text, key)
    inside = [place for _, _, place in _tokens(text[:end]) if start + 1 < place < end]
    if not inside:
        return f"{text[: start + 1]}{lines}\n    {text[end - 1 :]}"
    last = inside[-1]
    comma = "" if text[last:].lstrip().startswith(",") else ","
    after = text.index(",", last) + 1 if not comma else last
    return f"{text[:after]}{comma}{lines}{text[after:]}"


def _extent(text: str, key: str) -> tuple[int, int]:
    """Return where the value of a key of the outermost object begins and ends."""
    depth, begun, is_next = 0, 0, False
    for kind, start, end in _tokens(text):
        if kind == "close":
            depth -= 1
            if begun and depth == 1:
                return begun, end
        elif is_next and kind == "text":
            return start, end
        elif kind == "open":
            begun, is_next = (start, False) if is_next else (begun, False)
            depth += 1
        elif depth == 1 and not begun and text[start + 1 : end - 1] == key:
            is_next = text[end:].lstrip().startswith(":")
    raise InvalidInput(f'"{key}" in {FILE} is neither a text nor a list: correct it')


def _tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield texts and brackets with their extents; comments are passed over."""
    pattern = r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[\[{]|[\]}]"""
    for match in re.finditer(pattern, text, re.DOTALL):
        first = match[0][0]
        if first != "/":
            kind = "text" if first in "\"'" else "open" if first in "[{" else "close"
            yield kind, match.start(), match.end()


def read_benchmark_dir(path: Path) -> str:
    """Return the folder of the benchmarks that an asv.conf.json names."""
    found = _read(path.read_text(encoding="utf-8"))
    return str(found.get("benchmark_dir", "benchmarks"))
