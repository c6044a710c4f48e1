"""What emch requires, and how the environment of another project's stack gets it."""

import subprocess
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from uv import find_uv_bin

from emch.errors import Unavailable
from emch.tracking import own_package
from tests.stacks import ROOT

WITH_A_SCRIPT = "markdown-it-py"
"""A pure-Python distribution that is always here, and whose installer wrote a script."""


@pytest.fixture
def _installed_as_packages_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_package, "checkout", lambda: None)
    monkeypatch.setattr(own_package, "_installed", lambda: distribution(WITH_A_SCRIPT))


@pytest.fixture
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_elsewhere")
def test_requirements_are_those_of_emch_in_any_folder() -> None:
    core = [text.partition(">")[0] for text in own_package.core_requirements()]
    assert "tokenizers" in core
    assert "torch" not in core


@pytest.mark.parametrize(("project", "own"), [("emch", True), ("Emch", True), ("emch-x", False)])
def test_project_under_test_is_emch_or_another(project: str, own: bool) -> None:
    assert own_package.is_emch(project) is own


def test_checkout_is_installed_as_editable(tmp_path: Path) -> None:
    assert own_package.arguments(tmp_path) == ["--editable", str(ROOT)]


@pytest.mark.usefixtures("_installed_as_packages_are")
def test_installed_package_is_packed_into_the_wheel_that_it_was(tmp_path: Path) -> None:
    (wheel,) = own_package.arguments(tmp_path)
    options = ["--quiet", "--offline", "--no-deps", "--target", str(tmp_path / "again")]
    subprocess.run([find_uv_bin(), "pip", "install", *options, wheel], check=True)
    installed = distribution(WITH_A_SCRIPT)
    compared = 0
    for file in installed.files or ():
        if file.suffix == ".py" or file.name in ("METADATA", "entry_points.txt"):
            content = Path(str(installed.locate_file(file))).read_bytes()
            assert (tmp_path / "again" / file).read_bytes() == content
            compared += 1
    assert compared > 10
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if ".." in name or "INSTALLER" in name or "pyc" in name]


def test_package_that_does_not_list_its_files_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "METADATA").write_text("Metadata-Version: 2.1\nName: bare\nVersion: 1\n")
    with pytest.raises(Unavailable, match="bare does not list its files"):
        own_package.pack(Distribution.at(tmp_path), tmp_path)


@pytest.mark.usefixtures("_installed_as_packages_are")
def test_other_files_make_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    first = own_package.fingerprint()
    assert own_package.fingerprint() == first
    monkeypatch.setattr(own_package, "_installed", lambda: distribution("filelock"))
    assert own_package.fingerprint() != first
