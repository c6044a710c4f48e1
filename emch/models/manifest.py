"""The manifest of an artifact: what its files must be, and what made them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class FileEntry:
    """The sha256 and the size in bytes of one file."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What is known of an artifact, a folder of files.

    Attributes
    ----------
    files : mapping of str to FileEntry
        Every file by its path in the folder.
    made_from : str
        A hash of the original files that the artifact was made from.
    details : mapping of str to str
        What the builder says of it: origin, opset, quantization preset.
    tools : mapping of str to str
        The versions of the packages that built it.
    created : str
        The time of its making, in ISO 8601 and UTC.
    """

    files: Mapping[str, FileEntry]
    made_from: str
    details: Mapping[str, str]
    tools: Mapping[str, str]
    created: str


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(
    folder: Path, *, made_from: str, details: Mapping[str, str], tools: tuple[str, ...]
) -> Manifest:
    """Describe all files of `folder` in its manifest, and return that.

    Parameters
    ----------
    folder : Path
        The finished artifact.
    made_from : str
        A hash of the original files it was made from.
    details : mapping of str to str
        What the builder says of it.
    tools : tuple of str
        The distributions whose versions matter; absent ones are left out.
    """
    files = {
        path.relative_to(folder).as_posix(): FileEntry(sha256_of(path), path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = Manifest(
        files=files,
        made_from=made_from,
        details=details,
        tools=_versions(tools),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    return manifest


def _versions(distributions: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for distribution in distributions:
        try:
            found[distribution] = version(distribution)
        except PackageNotFoundError:
            continue
    return found


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest of an artifact; None if there is none or it cannot be understood."""
    try:
        fields = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        fields["files"] = {path: FileEntry(**entry) for path, entry in fields["files"].items()}
        return Manifest(**fields)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def find_fault(folder: Path, manifest: Manifest, *, thorough: bool) -> str | None:
    """Say which file of an artifact is not what the manifest says, or None.

    Parameters
    ----------
    folder : Path
        The folder of the artifact.
    manifest : Manifest
        The manifest of the artifact.
    thorough : bool
        Compare checksums too; otherwise only presence and sizes, which is quick.
    """
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if path.stat().st_size != entry.size:
            return f"{name} has {path.stat().st_size} bytes, not {entry.size}"
        if thorough and sha256_of(path) != entry.sha256:
            return f"the sha256 of {name} is not {entry.sha256}"
    return None
