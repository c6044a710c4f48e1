"""The stacks of asv.conf.json: what each pins, which backends it has, what is installed."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from asv.config import Config
from packaging.requirements import Requirement

from emch.errors import InvalidInput
from emch.tracking.files import reading

LABEL = "EMCH_STACK"
"""The variable that holds a stack's label in asv.conf.json."""

DEFAULT = "current"
"""The stack that is meant where none is named, if there is one of this label."""

NO_LABEL = f'each stack in asv.conf.json needs "env_nobuild": {{"{LABEL}": "a label"}}'

TEXTS = ("project", "repo", "benchmark_dir", "results_dir", "html_dir", "env_dir")
LISTS = {"branches": (str, type(None)), "include": (dict,), "plugins": (str,)}
"""What asv.conf.json must have as a text, and as a list of which types; asv does not look."""


def load_config() -> Config:
    """Load asv's configuration from the folder we are in.

    Raises
    ------
    InvalidInput
        There is none, or it is broken.
    """
    if not Path("asv.conf.json").is_file():
        raise InvalidInput(f"no asv.conf.json in {Path.cwd()}: call this from the project's root")
    with reading("asv.conf.json", "correct it, or restore it with git"):
        config = Config.load("asv.conf.json")
    for name in TEXTS:
        value = getattr(config, name)
        if not isinstance(value, str):
            raise InvalidInput(f'"{name}" in asv.conf.json is {value!r}, and must be a text')
    for name, kinds in LISTS.items():
        value = getattr(config, name)
        if not isinstance(value, list) or not all(isinstance(each, kinds) for each in value):
            what = "stacks" if name == "include" else "names"
            raise InvalidInput(f'"{name}" in asv.conf.json is {value!r}, and must list {what}')
    return config


@dataclass(frozen=True)
class Stack:
    """A hand-picked set of exact versions.

    Attributes
    ----------
    label : str
        The name of the stack.
    pins : dict of str to str
        The version of each distribution.
    """

    label: str
    pins: dict[str, str]

    @property
    def backends(self) -> list[str]:
        """The backends whose requirements it fulfils, by name."""
        # asv publish has no need of them
        from emch.backends.registry import get_backend, known_backends

        return [name for name in known_backends() if self.fulfils(get_backend(name).requires)]

    def fulfils(self, requirements: Sequence[str]) -> bool:
        """Say whether it pins every distribution that is required to a version that is allowed."""
        wanted = [Requirement(text) for text in requirements]
        return bool(wanted) and all(
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
        The version of every distribution in it.
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
        One has no label, or no versions by name.
    """
    stacks = []
    for entry in config.include:
        variables, pinned = entry.get("env_nobuild", {}), entry.get("req", {})
        if not isinstance(variables, dict) or not variables.get(LABEL):
            raise InvalidInput(NO_LABEL)
        label = variables[LABEL]
        if not isinstance(pinned, dict):
            raise InvalidInput(f"\"req\" of the stack '{label}' in asv.conf.json must map names")
        pins = {name.removeprefix("pip+"): version for name, version in pinned.items()}
        stacks.append(Stack(label, pins))
    return stacks


def python_of(config: Config, label: str) -> str:
    """Return the release of Python that a stack of the configuration has."""
    entries = [each for each in config.include if each["env_nobuild"][LABEL] == label]
    return str(entries[0].get("python", ""))


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


def default_stack(config: Config) -> Stack:
    """Return the stack 'current', or else the first one.

    Raises
    ------
    InvalidInput
        There is none.
    """
    stacks = read_stacks(config)
    if not stacks:
        raise InvalidInput('asv.conf.json has no stacks under "include": add one')
    return next((stack for stack in stacks if stack.label == DEFAULT), stacks[0])


def find_installed(config: Config, stack: Stack) -> Installed | None:
    """Look at a stack's environment; None where asv has not made it, or not to its end."""
    pins = {name: version for name, version in stack.pins.items() if name != "asv_runner"}
    for info in Path(config.env_dir).glob("*/asv-env-info.json"):
        with reading(info, "remove its folder, and asv makes it again"):
            required = json.loads(info.read_text(encoding="utf-8"))["requirements"]
        if required == pins:
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
