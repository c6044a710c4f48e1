"""The name of a repository's package is read from where packages have it, and nothing is run."""

from pathlib import Path

import pytest

from emch.errors import InvalidInput
from emch.tracking.quickstart.package import Package, find_package


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, None),
        ({"pyproject_toml": "[tool.ruff]\nline-length = 9\n"}, None),
        (
            {"pyproject_toml": '[project]\nname = "a"\ndependencies = ["b>=1", "c"]\n'},
            Package("a", ("b>=1", "c")),
        ),
        (
            {
                "pyproject_toml": '[build-system]\nbuild-backend = "hatchling.build"\n'
                '[project]\nname = "a"\n'
            },
            Package("a", isolated=True),
        ),
        ({"pyproject_toml": '[tool.poetry]\nname = "a"\n'}, Package("a")),
        ({"setup_cfg": "[metadata]\nname = a\n"}, Package("a")),
        ({"setup_py": "from setuptools import setup\nsetup(name='a')\n"}, Package("a")),
        ({"pyproject_toml": "", "setup_py": 'setup(name = "a")'}, Package("a")),
    ],
)
def test_name_is_found(tmp_path: Path, files: dict[str, str], found: Package | None) -> None:
    assert find_package(write(tmp_path, **files)) == found


def test_setup_that_computes_its_name_has_that_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    found = find_package(write(folder, setup_py="setup(name=NAME)"))
    assert found == Package("mine")


@pytest.mark.parametrize(
    "text", ["[project\n", '[project]\nname = "a"\ndependencies = ["b c d"]\n']
)
def test_broken_file_is_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match=r"pyproject\.toml"):
        find_package(write(tmp_path, pyproject_toml=text))
