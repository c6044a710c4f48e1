"""A child is accounted for alone: neither its caller's memory nor its own failures are lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emch.errors import ChildFailed
from emch.measure import process
from emch.measure.process import Account, run_accounted

MEBIBYTE = 2**20
BUSY = "import time\nwhile time.process_time() < 0.3: sum(range(10_000))"


def run(folder: Path, code: str, **environment: str) -> Account:
    return run_accounted([sys.executable, "-I", "-S", "-c", code], folder, environment)


def failure(folder: Path, code: str) -> str:
    with pytest.raises(ChildFailed) as raised:
        run(folder, code)
    return str(raised.value)


def test_status_and_last_line_of_stderr_are_reported(tmp_path: Path) -> None:
    code = "import sys; print('first', file=sys.stderr); sys.exit('the last word')"
    assert failure(tmp_path, code) == "the measured process ended with status 1: the last word"
    assert "ended with status 7: it wrote no message" in failure(tmp_path, "raise SystemExit(7)")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_signal_is_reported(tmp_path: Path, number: signal.Signals) -> None:
    code = f"import os; os.kill(os.getpid(), {int(number)})"
    words = f"was killed by signal {int(number)} ({signal.strsignal(number)})"
    said = failure(tmp_path, code)
    assert words in said
    assert ("memory runs out" in said) == (number == signal.SIGKILL)


def test_parent_that_is_killed_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deadly = tmp_path / "parent.py"
    deadly.write_text("import os; os.kill(os.getpid(), 9)")
    monkeypatch.setattr(process, "THIN_PARENT", deadly)
    assert "the parent of the measured process was killed by signal 9" in failure(tmp_path, "")


def test_all_that_the_child_said_is_in_a_note(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed) as raised:
        run(tmp_path, "import sys; print('first', file=sys.stderr); sys.exit('last')")
    assert raised.value.__notes__ == ["first\nlast"]


def test_stderr_that_is_no_text_is_reported_too(tmp_path: Path) -> None:
    code = r"import sys; sys.stderr.buffer.write(b'caf\xff\n'); sys.exit(1)"
    assert failure(tmp_path, code).endswith(": caf\N{REPLACEMENT CHARACTER}")


def test_program_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match=r"could not be started: .*No such file"):
        run_accounted([str(tmp_path / "none")], tmp_path, {})


def test_peak_memory_is_the_childs_even_when_the_caller_is_fat(tmp_path: Path) -> None:
    fat = b"x" * (400 * MEBIBYTE)
    assert Account.so_far().peak_rss_bytes >= len(fat)
    slim = run(tmp_path, "pass")
    assert 4 * MEBIBYTE < slim.peak_rss_bytes < 60 * MEBIBYTE


def test_peak_memory_counts_what_was_freed_again(tmp_path: Path) -> None:
    account = run(tmp_path, "touched = b'x' * (200 << 20); del touched")
    assert 200 * MEBIBYTE <= account.peak_rss_bytes < 260 * MEBIBYTE


def test_user_time_is_counted(tmp_path: Path) -> None:
    account = run(tmp_path, BUSY)
    assert 0.2 < account.user_s <= account.wall_s + 0.05
    assert account.user_s + account.kernel_s >= 0.3


def test_time_of_the_childs_own_children_is_counted(tmp_path: Path) -> None:
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"
    account = run(tmp_path, code)
    assert account.user_s + account.kernel_s >= 0.3


def test_sleep_is_wall_time_and_no_cpu_time(tmp_path: Path) -> None:
    account = run(tmp_path, "import time; time.sleep(0.5)")
    assert account.wall_s >= 0.5
    assert account.user_s + account.kernel_s < 0.3


def test_environment_is_added_to_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMCH_OURS", "1")
    code = "import os, sys; sys.exit(os.environ['EMCH_OURS'] + os.environ['EMCH_ADDED'] != '12')"
    assert run(tmp_path, code, EMCH_ADDED="2").wall_s > 0


def test_output_of_the_child_does_not_reach_ours(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, "import sys; print('out'); print('err', file=sys.stderr)")
    assert capfd.readouterr() == ("", "")


def test_account_so_far_grows() -> None:
    before = Account.so_far()
    while time.process_time() < before.user_s + before.kernel_s + 0.05:
        pass
    after = Account.so_far()
    assert after.wall_s > before.wall_s
    assert after.user_s + after.kernel_s > before.user_s + before.kernel_s


def test_interrupt_ends_the_child(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    child = (
        "import os, time; from pathlib import Path\n"
        f"Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(600)"
    )
    caller = (
        "import sys; from pathlib import Path; from emch.measure.process import run_accounted\n"
        f"run_accounted([sys.executable, '-c', {child!r}], Path({str(tmp_path)!r}), {{}})"
    )
    with subprocess.Popen([sys.executable, "-c", caller], stderr=subprocess.DEVNULL) as process:
        while not pid.is_file() or not pid.read_text():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
