"""What the tests of `emch prepare` share: the command, what it said, and whether it holds."""

import os
import re
import subprocess
import sys
from pathlib import Path

from emch.models.artifacts import KINDS
from emch.models.manifest import find_fault, read_manifest

EMCH = Path(sys.executable).with_name("emch")
REQUIRED = [kind for kind, made in KINDS.items() if not made.optional]
"""The kinds that are there wherever a model is prepared; the others need tools of their own."""
OPTIONAL = KINDS.keys() - REQUIRED


def start(*arguments: str, cache: Path) -> subprocess.Popen[str]:
    """Start `emch`; both of its streams are read as one."""
    return subprocess.Popen(
        [EMCH, *arguments],
        env=os.environ | {"EMCH_CACHE": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def outcomes(said: str) -> dict[str, str]:
    """Return {kind: kept, built or rebuilt} of what is required, in the order of the lines."""
    found = (re.match(r" *(\S+) +(kept|built|rebuilt) ", line) for line in said.splitlines())
    return {match[1]: match[2] for match in found if match and match[1] in REQUIRED}


def is_whole(artifact: Path) -> bool:
    manifest = read_manifest(artifact)
    return manifest is not None and find_fault(artifact, manifest, thorough=True) is None
