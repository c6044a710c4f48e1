"""Builds the programs in other languages and keeps them in emch's cache: `make native`.

    python native/build.py

A language whose tool is missing, or whose registry cannot be reached, is skipped with the reason.
With EMCH_REQUIRE set that is a failure.
"""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from uv import find_uv_bin

from emch.backends.native.go import PJRT
from emch.backends.native.program import install
from emch.cache import cache_dir
from emch.errors import EmchError

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Build:
    """How the programs of a language are built.

    Attributes
    ----------
    tool : str
        The command that must be there.
    folder : str
        Where it is called, beneath this one.
    command : tuple of str
        What builds.
    programs : tuple of str
        The files that it makes, beneath the folder.
    environment : dict of str to str
        Variables that are added.
    packages : tuple of str
        Python packages whose libraries the programs load; they are kept in the cache alone.
    """

    tool: str
    folder: str
    command: tuple[str, ...]
    programs: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()


BUILDS = (
    Build(
        "cargo",
        "rust-ort",
        ("cargo", "build", "--release", "--locked"),
        ("target/release/emch-rust-ort", "target/release/emch-rust-rten"),
    ),
    Build(
        "go",
        "go-gomlx",
        ("go", "build", "-o", "build/emch-go-gomlx", "."),
        ("build/emch-go-gomlx",),
        {"CGO_ENABLED": "1", "GOEXPERIMENT": "simd", "GOFLAGS": "-mod=readonly"},
        (PJRT,),
    ),
)


def build(one: Build) -> str | None:
    """Build the programs of a language; return why they could not be built."""
    if shutil.which(one.tool) is None:
        return f"{one.tool} is not installed"
    began = time.monotonic()
    done = subprocess.run(
        one.command, cwd=HERE / one.folder, env={**os.environ, **one.environment}, check=False
    )
    if done.returncode:
        return f"'{' '.join(one.command)}' ended with status {done.returncode}"
    print(f"{one.folder}: built in {time.monotonic() - began:.0f} s")
    for program in one.programs:
        path = HERE / one.folder / program
        try:
            print(f"  {install(path, path.name)}")
        except EmchError as error:
            return str(error)
    return install_packages(one.packages) if one.packages else None


def install_packages(packages: tuple[str, ...]) -> str | None:
    """Install Python packages into a folder of the cache; return why that failed."""
    folder = cache_dir() / "native" / "pjrt"
    command = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--target", folder]
    done = subprocess.run([*command, *packages], check=False)
    if done.returncode:
        return f"{', '.join(packages)} could not be installed"
    print(f"  {', '.join(packages)} in {folder}")
    return None


def main() -> int:
    """Build all; return the exit status."""
    failed = False
    for one in BUILDS:
        if reason := build(one):
            print(f"{one.folder}: not built, since {reason}")
            failed = True
    return int(failed and "EMCH_REQUIRE" in os.environ)


if __name__ == "__main__":
    sys.exit(main())
