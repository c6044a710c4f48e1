"""Two processes never hold the lock of one folder at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from emch.cache import locked

# Appends are one write each, so the order of the lines is the order of the events.
HOLDER = """
import sys, time
from pathlib import Path
from emch.cache import locked

folder, name = Path(sys.argv[1]), sys.argv[2]
for _ in range(5):
    with locked(folder), (folder / "log").open("a", buffering=1) as log:
        log.write(f"{name} in\\n")
        time.sleep(0.02)
        log.write(f"{name} out\\n")
"""


def start(folder: Path, name: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", HOLDER, str(folder), name])


def test_two_processes_take_turns(tmp_path: Path) -> None:
    with locked(tmp_path):  # so that both are waiting when the race begins
        processes = [start(tmp_path, name) for name in ("one", "other")]
        with pytest.raises(subprocess.TimeoutExpired):
            processes[0].wait(timeout=1)
        assert not (tmp_path / "log").exists()
    assert [process.wait() for process in processes] == [0, 0]
    lines = (tmp_path / "log").read_text().splitlines()
    turns = [line.split()[0] for line in lines[::2]]
    assert lines == [f"{name} {what}" for name in turns for what in ("in", "out")]
    assert sorted(turns) == ["one"] * 5 + ["other"] * 5


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    holder = "import sys, time; from pathlib import Path; from emch.cache import locked\n"
    holder += "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        process.kill()
    with locked(tmp_path):
        pass


def test_error_in_the_block_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mine"), locked(tmp_path):
        raise ValueError("mine")
    assert start(tmp_path, "next").wait(timeout=60) == 0
