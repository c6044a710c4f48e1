"""Resolves versions by uv, without installing anything."""

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from emch.errors import InvalidInput, Unavailable
from emch.tracking.environment import find_uv


def resolve(
    requirements: Sequence[str], preferred: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Return the version of every package that a set of requirements comes to, for this Python.

    Parameters
    ----------
    requirements : sequence of str
        As pip takes them.
    preferred : mapping of str to str
        Versions that are kept where the requirements allow it; else it is the newest.

    Raises
    ------
    InvalidInput
        There is no such set; the message has the resolver's words.
    Unavailable
        uv is not installed, or the package index cannot be reached.
    """
    uv = find_uv()
    if uv is None:
        raise Unavailable("uv is not installed, and it resolves the versions: pip install uv")
    options = ["--quiet", "--no-header", "--no-annotate", "--python", sys.executable]
    with TemporaryDirectory(prefix="emch-") as folder:
        # uv keeps to what the file that it writes had before.
        kept = Path(folder, "kept.txt")
        kept.write_text("".join(f"{name}=={version}\n" for name, version in preferred.items()))
        done = subprocess.run(
            [uv, "pip", "compile", *options, "--output-file", str(kept), "-"],
            input="\n".join(requirements), capture_output=True, text=True, check=False,
        )  # fmt: skip
        listed = kept.read_text(encoding="utf-8")
    if done.returncode != 0:
        words = in_one_line(done.stderr)
        if "No solution" in done.stderr and "network was disabled" not in done.stderr:
            raise InvalidInput(f"the versions cannot be resolved: {words}")
        raise Unavailable(f"uv cannot resolve the versions: {words}")
    found = [Requirement(line) for line in listed.splitlines() if "==" in line]
    return {canonicalize_name(each.name): _exact(each) for each in found}


def in_one_line(said: str) -> str:
    """Return what uv says of an error without the lines that it draws around it."""
    return " ".join(re.sub(r"[×╰─▶│├]|^\s*(error|hint):", " ", said, flags=re.M).split())


def _exact(requirement: Requirement) -> str:
    (specifier,) = requirement.specifier
    return specifier.version
