"""The cache folder, and how folders are made in it: whole or not at all."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from emch.errors import Unavailable

_UNFINISHED = "unfinished-"


def cache_dir() -> Path:
    """Return EMCH_CACHE, or the user's cache folder for emch; it need not exist yet."""
    chosen = os.environ.get("EMCH_CACHE")
    return Path(chosen).absolute() if chosen else user_cache_path("emch")


@contextmanager
def building(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside `target` that takes its place when the block succeeds.

    An error or an interrupt in the block removes the folder and leaves `target` as it was.
    Folders that a killed process left behind are removed first, so the caller holds `locked`
    if two processes can come here at once.

    Raises
    ------
    Unavailable
        The cache cannot be written: read-only, or the disk is full.
    """
    with _writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        for stale in target.parent.glob(f"{_UNFINISHED}{target.name}-*"):
            shutil.rmtree(stale)
        # Named before it is made: an interrupt between the two leaves nothing that nobody removes.
        folder = _unfinished(target)
        try:
            folder.mkdir()
            yield folder
            if target.exists():
                shutil.rmtree(target)
            folder.rename(target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def replace_file(path: Path, text: str) -> None:
    """Write a file whole or not at all: an error or an interrupt leaves it as it was.

    Whatever emch writes outside of `building` it writes by this function or by `replacing`; a test
    holds it.
    """
    # "x" has the permissions that any new file has, which the module tempfile would take away.
    with replacing(path) as unfinished, unfinished.open("x", encoding="utf-8") as file:
        file.write(text)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield the name of a file beside `path`, which takes its place when the block succeeds.

    An error or an interrupt in the block removes it and leaves `path` as it was. Two processes that
    write the same file at once each have an unfinished one of their own, and the file is that of
    the last to end.
    """
    unfinished = _unfinished(path)
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _unfinished(path: Path) -> Path:
    """Return a name beside `path` that no other process takes."""
    return path.with_name(f"{_UNFINISHED}{path.name}-{secrets.token_hex(8)}")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`; another process that wants it waits."""
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn what the operating system says of a cache that cannot be written into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise Unavailable(
                f"no space left while writing to {folder}: "
                "free some, or set EMCH_CACHE to a folder on another disk"
            ) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST):
            raise Unavailable(
                f"the cache {folder} cannot be written ({error.strerror}): "
                "set EMCH_CACHE to a folder that can be"
            ) from error
        raise
