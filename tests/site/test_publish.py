"""What publishing does where something is missing or is not what it should be."""

import os
import shutil
from pathlib import Path

import pytest

from emch.errors import Unavailable, WrongLibrary
from emch.site import libraries
from emch.site.libraries import FILES, NOT_ON_NPM, integrity, localize
from evaluation.synthetic import Synthetic
from tests.conftest import Require
from tests.site.conftest import publish

ELSEWHERE = '<script src="https://host/{name}" integrity="{hash}" crossorigin="anonymous"></script>'


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Return a folder in which every library is a line that names it."""
    for name, path in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"// {name}")
    return tmp_path


def test_without_npm_the_site_is_as_asv_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = shutil.which("git")
    assert git is not None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(git)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("EMCH_CACHE", str(tmp_path / "cache"))
    Synthetic(3).write(tmp_path / "project")
    done = publish(tmp_path / "project")
    assert "install Node.js" in done.stdout + done.stderr
    page = (tmp_path / "project" / "html" / "index.html").read_text()
    assert "https://code.jquery.com" in page
    assert "emch/site.js" in page
    assert (tmp_path / "project" / "html" / "emch" / "data.json").is_file()


def test_library_that_the_page_names_is_copied(packages: Path, tmp_path: Path) -> None:
    right = integrity(b"// md5.min.js", "sha512")
    page = ELSEWHERE.format(name="md5.min.js", hash=right)
    local = localize(page, packages, tmp_path)
    assert 'src="vendor/md5.min.js"' in local
    assert right in local
    assert (tmp_path / "vendor" / "md5.min.js").read_text() == "// md5.min.js"


def test_library_with_other_content_is_refused(packages: Path, tmp_path: Path) -> None:
    page = ELSEWHERE.format(name="md5.min.js", hash=integrity(b"other", "sha256"))
    with pytest.raises(WrongLibrary, match=r"md5\.min\.js"):
        localize(page, packages, tmp_path)


def test_library_that_npm_has_otherwise_gets_its_own_hash(packages: Path, tmp_path: Path) -> None:
    name = min(NOT_ON_NPM)
    page = ELSEWHERE.format(name=name, hash=integrity(b"minified elsewhere", "sha512"))
    assert integrity(f"// {name}".encode(), "sha512") in localize(page, packages, tmp_path)


def test_library_that_nobody_knows_is_refused(packages: Path, tmp_path: Path) -> None:
    page = ELSEWHERE.format(name="new.js", hash=integrity(b"", "sha256"))
    with pytest.raises(WrongLibrary, match=r"https://host/new\.js"):
        localize(page, packages, tmp_path)


def test_npm_that_fails_says_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'no network' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("EMCH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(Unavailable, match="no network"):
        libraries.install_libraries()
    assert list((tmp_path / "cache" / "site").glob("[!.]*")) == []


def test_libraries_are_those_that_asv_names(require: Require) -> None:
    import asv

    try:
        packages = libraries.install_libraries()
    except Unavailable as reason:
        require(False, str(reason))
    page = (Path(asv.__file__).parent / "www" / "index.html").read_text()
    for name in FILES:
        content = (packages / FILES[name]).read_bytes()
        same = any(integrity(content, kind) in page for kind in ("sha256", "sha512"))
        assert same is (name not in NOT_ON_NPM), name
