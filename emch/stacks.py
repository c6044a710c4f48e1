"""The stacks of asv.conf.json: what each pins, which backends it has, what is installed."""

import json
import os
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from asv.config import Config
from asv.util import UserError
from packaging.requirements import Requirement

from emch.errors import InvalidInput

LABEL = "EMCH_STACK"
"""The variable that holds a stack's label in asv.conf.json."""

NO_LABEL = f'each stack in asv.conf.json needs "env_nobuild": {{"{LABEL}": "a label"}}'


def load_config() -> Config:
    """Load asv's configuration from the folder we are in.

    Raises
    ------
    InvalidInput
        There is none, or it is broken.
    """
    if not Path("asv.conf.json").is_file():
        raise InvalidInput(f"no asv.conf.json in {Path.cwd()}: call this from the project's root")
    try:
        return Config.load("asv.conf.json")
    except UserError as error:
        raise InvalidInput(str(error)) from error


@dataclass(frozen=True)
class Stack:
    """A hand-picked set of exact versions.

    Attributes
    ----------
    label : str
        Its name.
    pins : dict of str to str
        The version of each distribution.
    """

    label: str
    pins: dict[str, str]

    @property
    def backends(self) -> list[str]:
        """The backends whose extra it fulfils, by name."""
        from emch.backends.registry import BACKENDS, get_backend  # asv publish has no need of them

        return [name for name in BACKENDS if self.fulfils(get_backend(name).extra)]

    def fulfils(self, extra: str) -> bool:
        """Say whether it pins every distribution of an extra to a version that the extra allows."""
        wanted = [Requirement(text) for text in _extras()[extra]]
        return all(
            requirement.name in self.pins
            and requirement.specifier.contains(self.pins[requirement.name])
            for requirement in wanted
        )


@dataclass(frozen=True)
class Installed:
    """The asv environment of a stack.

    Attributes
    ----------
    versions : dict of str to str
        Every distribution in it.
    own_bytes, total_bytes : int
        Its files on disk: those that no other environment or cache links to, and all.
    """

    versions: dict[str, str]
    own_bytes: int
    total_bytes: int


def read_stacks(config: Config) -> list[Stack]:
    """Return the stacks in the order of the configuration.

    Raises
    ------
    InvalidInput
        One has no label.
    """
    stacks = []
    for entry in config.include:
        label = entry.get("env_nobuild", {}).get(LABEL)
        if not label:
            raise InvalidInput(NO_LABEL)
        pins = {
            name.removeprefix("pip+"): version for name, version in entry.get("req", {}).items()
        }
        stacks.append(Stack(label, pins))
    return stacks


def find_stacks(config: Config, labels: Sequence[str]) -> list[Stack]:
    """Return the stacks of those labels, in their order.

    Raises
    ------
    InvalidInput
        There is no such stack.
    """
    known = {stack.label: stack for stack in read_stacks(config)}
    for label in labels:
        if label not in known:
            raise InvalidInput(f"unknown stack '{label}'; known are: {', '.join(known)}")
    return [known[label] for label in labels]


def find_installed(config: Config, stack: Stack) -> Installed | None:
    """Look at a stack's environment; None where asv has not made it, or not to its end."""
    pins = {name: version for name, version in stack.pins.items() if name != "asv_runner"}
    for info in Path(config.env_dir).glob("*/asv-env-info.json"):
        if json.loads(info.read_text(encoding="utf-8"))["requirements"] == pins:
            sizes = list(_sizes(info.parent))
            return Installed(
                _versions(info.parent),
                sum(size for size, links in sizes if links == 1),
                sum(size for size, _ in sizes),
            )
    return None


def _versions(folder: Path) -> dict[str, str]:
    found: list[Distribution] = sorted(
        distributions(path=[str(path) for path in folder.glob("lib/python*/site-packages")]),
        key=lambda distribution: str(distribution.metadata["Name"]).lower(),
    )
    return {str(each.metadata["Name"]): each.version for each in found}


def _sizes(folder: Path) -> Iterator[tuple[int, int]]:
    """Yield the size and the number of links of each file."""
    for root, _, names in os.walk(folder):
        for name in names:
            status = (Path(root) / name).lstat()
            yield status.st_size, status.st_nlink


@cache
def _extras() -> dict[str, Any]:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras: dict[str, Any] = project["optional-dependencies"]
    return extras
