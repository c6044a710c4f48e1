"""A cache that cannot be written, or a full disk, is one sentence and leaves nothing behind."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from emch.cache import cache_dir

from .prepared import EMCH

Require = Callable[[object, str], None]
# A file system of our own, since root may write whatever the permission bits say.
UNSHARE = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() != 0 else [])]


@pytest.fixture
def mounted(require: Require, tmp_path: Path) -> Callable[[str, str], list[str]]:
    """Return a runner of a shell script in a fresh tmpfs at tmp_path/cache."""
    cache = tmp_path / "cache"
    cache.mkdir()

    def run(options: str, script: str) -> list[str]:
        command = f"mount -t tmpfs -o {options} none '{cache}' && {{ {script}; }}"
        done = subprocess.run(
            [*UNSHARE, "sh", "-c", command],
            env=os.environ | {"EMCH_CACHE": str(cache), "EMCH": str(EMCH)},
            cwd=cache.parent,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return (done.stderr + done.stdout).splitlines()

    require(run("size=1m", "echo mounted") == ["mounted"], "needs the right to mount a tmpfs")
    return run


def the_end(lines: list[str]) -> tuple[str, str]:
    """Return the only sentence and the exit code, which the script writes last."""
    (sentence,) = (line for line in lines if line.startswith("emch: "))
    return sentence, lines[-1]


def test_full_disk_is_one_sentence_and_nothing_half_written_is_left(
    mounted: Callable[[str, str], list[str]], tmp_path: Path
) -> None:
    script = '"$EMCH" prepare; code=$?; find cache -name "*.*" ! -name .lock; echo $code'
    lines = mounted("size=20m", script)
    sentence, code = the_end(lines)
    assert code == "3"
    assert "no space left while writing to" in sentence
    assert str(tmp_path / "cache") in sentence
    assert "EMCH_CACHE" in sentence
    assert not [line for line in lines if line.startswith("cache/") and line.count("/") > 2]


def test_read_only_cache_is_one_sentence(mounted: Callable[[str, str], list[str]]) -> None:
    sentence, code = the_end(mounted("ro", '"$EMCH" prepare; echo $?'))
    assert code == "3"
    assert "cannot be written (Read-only file system)" in sentence
    assert "EMCH_CACHE" in sentence


def test_read_only_cache_that_was_prepared_before_is_one_sentence_too(
    mounted: Callable[[str, str], list[str]],
) -> None:
    script = (
        "mkdir -p cache/models/all-MiniLM-L6-v2 && touch cache/models/all-MiniLM-L6-v2/.lock"
        ' && mount -o remount,ro cache && "$EMCH" prepare; echo $?'
    )
    sentence, code = the_end(mounted("size=1m", script))
    assert code == "3"
    assert "cannot be written" in sentence


def test_record_on_a_full_disk_is_one_sentence_and_leaves_nothing(
    mounted: Callable[[str, str], list[str]], prepared_model: str
) -> None:
    assert prepared_model
    script = (
        "head -c 2M /dev/zero > cache/fill 2>&-; "
        f'EMCH_CACHE="{cache_dir()}" "$EMCH" run semantic-search --backend onnxruntime --limit 1'
        " --json cache/record.json; code=$?; ls -A cache; echo $code"
    )
    lines = mounted("size=1m", script)
    sentence, code = the_end(lines)
    assert code == "2"
    assert "--json cache/record.json: cannot be written (No space left on device)" in sentence
    assert lines[-2] == "fill"
