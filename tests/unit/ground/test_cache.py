"""A folder in the cache is whole or not there, whatever happens while it is made."""

import errno
import inspect
import itertools
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from emch.cache import building, cache_dir, locked, replace_file
from emch.errors import Unavailable


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return a folder that is there already, with the content 'old'."""
    folder = tmp_path / "onnx"
    folder.mkdir()
    (folder / "file").write_text("old")
    return folder


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def build(target: Path, failure: BaseException | None = None) -> None:
    with building(target) as folder:
        (folder / "file").write_text("new")
        if failure is not None:
            raise failure


def test_success_takes_the_place_of_the_old(target: Path) -> None:
    (target / "left-over").touch()
    build(target)
    assert {path.name: path.read_text() for path in target.iterdir()} == {"file": "new"}
    assert names(target.parent) == ["onnx"]


def test_first_one_is_made_with_its_parents(tmp_path: Path) -> None:
    build(tmp_path / "a" / "b" / "onnx")
    assert (tmp_path / "a" / "b" / "onnx" / "file").read_text() == "new"


def test_target_is_untouched_until_the_block_ends(target: Path) -> None:
    with building(target) as folder:
        assert list(folder.iterdir()) == []
        assert folder.parent == target.parent
        assert (target / "file").read_text() == "old"


@pytest.mark.parametrize("failure", [ValueError("no"), KeyboardInterrupt(), SystemExit(1)])
def test_failure_leaves_the_old_and_nothing_unfinished(
    target: Path, failure: BaseException
) -> None:
    with pytest.raises(type(failure)):
        build(target, failure)
    assert (target / "file").read_text() == "old"
    assert names(target.parent) == ["onnx"]


def build_interrupted(target: Path, at: int) -> bool:
    """Build, with an interrupt before instruction `at` of `building`; say whether it came.

    The clean-up at its end is left out: no Python code can guard its own guard.
    """
    function = inspect.unwrap(building)
    lines, first = inspect.getsourcelines(function)
    clean_up = first + lines.index("        finally:\n")
    count = itertools.count()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code is not function.__code__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and frame.f_lineno < clean_up and next(count) == at:
            raise KeyboardInterrupt
        return trace

    sys.settrace(trace)
    try:
        build(target)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False


def test_interrupt_before_any_instruction_leaves_nothing_unfinished(target: Path) -> None:
    tried = next(at for at in itertools.count() if not try_interrupt(target, at))
    assert tried > 50


def try_interrupt(target: Path, at: int) -> bool:
    came = build_interrupted(target, at)
    assert [name for name in names(target.parent) if name != "onnx"] == []
    return came


def test_unfinished_folder_of_a_killed_process_is_removed(target: Path) -> None:
    stale = target.with_name("unfinished-onnx-k1ll3d")
    stale.mkdir()
    (stale / "half").touch()
    build(target)
    assert names(target.parent) == ["onnx"]


def test_unfinished_folder_of_another_target_is_left_alone(target: Path) -> None:
    other = target.with_name("unfinished-reference-abc")
    other.mkdir()
    build(target)
    assert other.is_dir()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no space left while writing to .*EMCH_CACHE"),
        (errno.EDQUOT, "no space left while writing to .*EMCH_CACHE"),
        (errno.EROFS, "cannot be written .*EMCH_CACHE"),
        (errno.EACCES, "cannot be written .*EMCH_CACHE"),
    ],
)
def test_cache_that_cannot_be_written_is_unavailable(target: Path, number: int, words: str) -> None:
    with pytest.raises(Unavailable, match=words):
        build(target, OSError(number, os.strerror(number)))
    assert names(target.parent) == ["onnx"]


def test_other_error_of_the_system_is_not_taken_for_the_cache(target: Path) -> None:
    with pytest.raises(OSError, match="weird"):
        build(target, OSError(errno.EIO, "weird"))


@pytest.mark.parametrize("inside", ["cache", "cache/models/one"])
def test_file_in_place_of_the_cache_is_unavailable(tmp_path: Path, inside: str) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(Unavailable, match="cannot be written"):
        build(tmp_path / inside / "onnx")
    with pytest.raises(Unavailable, match="cannot be written"), locked(tmp_path / inside):
        pass


def test_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMCH_CACHE", "relative")
    assert cache_dir() == Path.cwd() / "relative"
    monkeypatch.delenv("EMCH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_dir().name == "emch"


@pytest.mark.parametrize("before", [None, "old"])
def test_file_that_cannot_be_written_to_its_end_is_as_it_was(
    tmp_path: Path, before: str | None
) -> None:
    target = tmp_path / "file"
    if before is not None:
        target.write_text(before)
    with pytest.raises(UnicodeEncodeError):
        replace_file(target, "new \ud800")
    assert [path.read_text() for path in tmp_path.iterdir()] == ([before] if before else [])


def test_file_has_the_permissions_of_any_new_one(tmp_path: Path) -> None:
    replace_file(tmp_path / "ours", "")
    (tmp_path / "theirs").touch()
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


def test_two_at_once_write_one_file_each_whole(tmp_path: Path) -> None:
    target = tmp_path / "file"
    texts = [letter * 100_000 for letter in "ab"]

    def write(text: str) -> None:
        for _ in range(100):
            replace_file(target, text)
            assert target.read_text() in texts

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, texts))
    assert names(tmp_path) == ["file"]
