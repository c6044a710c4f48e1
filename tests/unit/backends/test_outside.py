"""A class that is no part of emch is a backend by its place, and what is none says why."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emch.backends import outside
from emch.backends.registry import get_backend, is_known, known_backends
from emch.errors import BrokenEngine, InvalidInput
from tests.outside import CLASS, NAME, write_package


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install the package for this test alone."""
    monkeypatch.syspath_prepend(write_package(tmp_path))
    outside.named_outside.cache_clear()
    yield tmp_path
    outside.named_outside.cache_clear()
    sys.modules.pop("tiny_engine", None)


@pytest.mark.usefixtures("package")
def test_backend_is_found_by_its_name_and_by_its_class() -> None:
    assert get_backend(NAME) is get_backend(CLASS)
    assert known_backends()[-1] == NAME
    assert is_known(NAME)


@pytest.mark.usefixtures("package")
def test_class_that_results_name_is_not_known_and_so_never_imported() -> None:
    assert not is_known(CLASS)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("nobody.there:Engine", r"'nobody.there:Engine' is not here \(No module named 'nobody'\)"),
        ("emch.errors:EmchError", "'EmchError' in emch.errors must be a class that inherits"),
        ("emch.errors:Nothing", "'Nothing' in emch.errors must be a class that inherits"),
        ("emch.backends.base:Backend", "has its 'load'"),
        ("emch.errors:", "give it as package.module:Class"),
        (":Engine", "give it as package.module:Class"),
        ("..a:Engine", "give it as package.module:Class"),
        ("engine", "unknown backend 'engine'"),
    ],
)
def test_what_is_no_backend_is_invalid(place: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        get_backend(place)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('precision = "fp32"', 'precision = "fp4"', "'fp4', for which emch has no limit"),
        ('artifact = "tiny"', "", "does not declare its 'artifact'"),
        ("def own_model", "def other", "the artifact 'tiny', which emch does not make"),
    ],
)
def test_class_that_says_too_little_of_itself_is_invalid(
    package: Path, old: str, new: str, words: str
) -> None:
    write_package(package, **{old: new})
    with pytest.raises(InvalidInput, match=words):
        get_backend(CLASS)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import no_such_engine", "cannot be imported: No module named 'no_such_engine'"),
        ("1 / 0", r"cannot be imported \(ZeroDivisionError: division by zero\)"),
        ("raise ImportError('libgone.so')", "libgone.so"),
    ],
)
def test_module_that_cannot_be_imported_is_broken(package: Path, line: str, words: str) -> None:
    (package / "tiny_engine.py").write_text(line)
    with pytest.raises(BrokenEngine, match=words):
        get_backend(CLASS)
