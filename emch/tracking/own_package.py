"""The emch that runs here, as a package: what it requires, and how another environment gets it.

A repo that tracks a project of its own has emch for a dependency of its benchmarks. Its stacks get
the very emch that runs asv: a checkout is installed as editable, and an emch that was installed is
packed into a wheel again, since where it came from may be gone.
"""

import hashlib
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from emch.errors import Unavailable

NAME = "emch"


def is_emch(project: str) -> bool:
    """Say whether the project that asv.conf.json names is emch itself."""
    return canonicalize_name(project) == NAME


def version() -> str:
    """Return the version of this emch."""
    return _installed().version


def core_requirements() -> list[str]:
    """Return what emch requires without any extra, as pip reads it."""
    return [text for text in _requires() if not _is_of_extra(Requirement(text).marker)]


def fingerprint() -> str:
    """Return a text that is another one as soon as an environment has to get emch anew."""
    folder = checkout()
    origin = str(folder) if folder else _installed().read_text("RECORD") or ""
    return hashlib.sha256("\n".join([origin, *core_requirements()]).encode()).hexdigest()


def checkout() -> Path | None:
    """Return the checkout that emch runs from; None where it is installed as packages are."""
    folder = Path(__file__).parents[2]
    return folder if (folder / "pyproject.toml").is_file() else None


def arguments(folder: Path) -> list[str]:
    """Return what pip, or uv, installs this emch by.

    Parameters
    ----------
    folder : Path
        Where a wheel can be written, if need be; it has to stay until it is installed.
    """
    if source := checkout():
        return ["--editable", str(source)]
    return [str(pack(_installed(), folder))]


def pack(installed: Distribution, folder: Path) -> Path:
    """Write the wheel of an installed pure-Python distribution, and return its path.

    Its files are those that were in the wheel before: what an installer adds (scripts, bytecode,
    notes of its own) has no place in one
    (https://packaging.python.org/en/latest/specifications/binary-distribution-format/).

    Parameters
    ----------
    installed : Distribution
        As pip or uv installed it.
    folder : Path
        Where the wheel goes.

    Raises
    ------
    Unavailable
        It does not list its files.
    """
    files = [file for file in installed.files or () if _is_of_wheel(file.parts)]
    listed = next((file for file in files if file.name == "RECORD"), None)
    if listed is None:
        raise Unavailable(
            f"the installed {installed.metadata['Name']} does not list its files (RECORD), so no "
            "environment of asv can get it: install it with pip or uv"
        )
    name = canonicalize_name(installed.metadata["Name"]).replace("-", "_")
    target = folder / f"{name}-{installed.version}-py3-none-any.whl"
    record = [f"{listed},,"]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as wheel:
        for file in files:
            if file is not listed and file.hash is not None:
                wheel.write(str(installed.locate_file(file)), str(file))
                record.append(f"{file},{file.hash.mode}={file.hash.value},{file.size}")
        wheel.writestr(str(listed), "\n".join(record) + "\n")
    return target


def _is_of_wheel(parts: tuple[str, ...]) -> bool:
    """Say whether a file that RECORD lists was in the wheel."""
    if ".." in parts or "__pycache__" in parts:
        return False
    notes = ("INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")
    return not (parts[0].endswith(".dist-info") and parts[-1] in notes)


def _installed() -> Distribution:
    try:
        return distribution(NAME)
    except PackageNotFoundError as error:
        raise Unavailable(
            "emch is not installed here, so what it requires is not known: pip install it, or its "
            "checkout with 'pip install --editable'"
        ) from error


def _requires() -> list[str]:
    return _installed().requires or []


def _is_of_extra(marker: Marker | None) -> bool:
    """Say whether a marker asks for an extra."""
    return marker is not None and not marker.evaluate({"extra": ""}) and "extra" in str(marker)
