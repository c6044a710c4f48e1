"""A manifest describes every file of an artifact, and tells when one has changed."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emch.models.manifest import (
    MANIFEST,
    Manifest,
    find_fault,
    read_manifest,
    sha256_of,
    write_manifest,
)

NAMES = st.from_regex(r"[a-z]{1,5}(/[a-z]{1,5})?\.bin", fullmatch=True)
FILES = st.dictionaries(NAMES, st.binary(max_size=50), min_size=1, max_size=5)


def described(folder: Path, files: dict[str, bytes]) -> Manifest:
    """Write files and their manifest into `folder`, and read the manifest back."""
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    write_manifest(folder, made_from="abc", details={"opset": "18"}, tools=("numpy", "no-such"))
    found = read_manifest(folder)
    assert found is not None
    return found


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    described(tmp_path, {"model.bin": b"0123456789", "1_Pooling/config.json": b"{}"})
    return tmp_path


def faults(folder: Path) -> tuple[str | None, str | None]:
    """Return what a quick look and a thorough one find."""
    manifest = read_manifest(folder)
    assert manifest is not None
    return find_fault(folder, manifest, thorough=False), find_fault(folder, manifest, thorough=True)


@given(FILES)
def test_written_artifact_has_no_fault(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manifest = described(Path(folder), files)
        assert {name: entry.size for name, entry in manifest.files.items()} == {
            name: len(content) for name, content in files.items()
        }
        assert faults(Path(folder)) == (None, None)


@given(FILES, st.data())
def test_changed_byte_is_found_by_the_thorough_look_only(
    files: dict[str, bytes], data: st.DataObject
) -> None:
    files |= {"model.bin": b"weights"}
    name = data.draw(st.sampled_from([name for name, content in files.items() if content]))
    place = data.draw(st.integers(0, len(files[name]) - 1))
    with tempfile.TemporaryDirectory() as folder:
        described(Path(folder), files)
        content = bytearray(files[name])
        content[place] ^= 0xFF
        (Path(folder) / name).write_bytes(content)
        quick, thorough = faults(Path(folder))
    assert quick is None
    assert thorough is not None
    assert name in thorough


def test_manifest_keeps_what_made_the_artifact(artifact: Path) -> None:
    manifest = read_manifest(artifact)
    assert manifest is not None
    assert (manifest.made_from, manifest.details) == ("abc", {"opset": "18"})
    assert set(manifest.tools) == {"numpy"}
    assert manifest.files["model.bin"].sha256 == sha256_of(artifact / "model.bin")
    assert manifest.created.endswith("+00:00")


@pytest.mark.parametrize("name", ["model.bin", "1_Pooling/config.json"])
def test_missing_file_is_found_at_once(artifact: Path, name: str) -> None:
    (artifact / name).unlink()
    assert faults(artifact) == (f"{name} is missing", f"{name} is missing")


@pytest.mark.parametrize("content", [b"", b"012345678", b"0123456789+"])
def test_file_of_another_size_is_found_at_once(artifact: Path, content: bytes) -> None:
    (artifact / "model.bin").write_bytes(content)
    fault = f"model.bin has {len(content)} bytes, not 10"
    assert faults(artifact) == (fault, fault)


def test_folder_in_place_of_a_file_is_a_missing_file(artifact: Path) -> None:
    (artifact / "model.bin").unlink()
    (artifact / "model.bin").mkdir()
    assert faults(artifact)[0] == "model.bin is missing"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"7", b"{}", b"\xff", b'{"files": {}}', b'{"files": []}',
     b'{"files": {"a": {"size": 1}}, "made_from": "", "details": {}, "tools": {}, "created": ""}',
     b'{"files": {}, "made_from": "", "details": {}, "tools": {}, "created": "", "more": 1}'],
)  # fmt: skip
def test_manifest_that_cannot_be_understood_is_none(artifact: Path, content: bytes) -> None:
    (artifact / MANIFEST).write_bytes(content)
    assert read_manifest(artifact) is None


def test_no_manifest_is_none(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None
    assert read_manifest(tmp_path / "none") is None
