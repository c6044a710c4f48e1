"""The Python package of a repository, as far as asv has to know it."""

import configparser
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from emch.errors import InvalidInput

SETUPTOOLS = "setuptools.build_meta"


@dataclass(frozen=True)
class Package:
    """A package that pip can build.

    Attributes
    ----------
    name : str
        What pip knows it by.
    requires : tuple of str
        What it requires, where pyproject.toml says it.
    isolated : bool
        Whether pip has to fetch what builds it; setuptools is in every environment.
    """

    name: str
    requires: tuple[str, ...] = ()
    isolated: bool = False


def find_package(root: Path) -> Package | None:
    """Look for a package at the root of a repository; None where pip could build none.

    Raises
    ------
    InvalidInput
        pyproject.toml is there and cannot be read, or requires what is no requirement.
    """
    path = root / "pyproject.toml"
    found: dict[str, Any] = {}
    if path.is_file():
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidInput(f"{path} cannot be read ({error}): correct it") from error
    project: dict[str, Any] = found.get("project") or found.get("tool", {}).get("poetry") or {}
    name = project.get("name") or _name_in_setup(root)
    if not name:
        return None
    requires = project.get("dependencies", ())
    backend = found.get("build-system", {}).get("build-backend", SETUPTOOLS)
    for text in requires if isinstance(requires, list) else ():
        try:
            Requirement(text)
        except (InvalidRequirement, TypeError) as error:
            raise InvalidInput(f"{path} requires '{text}', which pip cannot read") from error
    return Package(
        str(name),
        tuple(requires) if isinstance(requires, list) else (),
        isolated=not str(backend).startswith("setuptools."),
    )


def _name_in_setup(root: Path) -> str | None:
    """Return the name that setup.cfg or setup.py has; what computes it is not run."""
    if (path := root / "setup.cfg").is_file():
        parser = configparser.ConfigParser()
        parser.read_string(path.read_text(encoding="utf-8"))
        if name := parser.get("metadata", "name", fallback=None):
            return name
    if (path := root / "setup.py").is_file():
        found = re.search(r"""\bname\s*=\s*["']([^"']+)["']""", path.read_text(encoding="utf-8"))
        return found[1] if found else root.name
    return None
