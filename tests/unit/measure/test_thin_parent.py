"""The thin parent is thin, passes signals on and writes an account in any case."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emch.measure import process

THIN_PARENT = process.THIN_PARENT
READY_THEN_SLEEP = "import time; print('ready', flush=True); time.sleep(600)"
LEAVES_WITH_9 = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"


def command(account: Path, code: str) -> list[str]:
    child = [sys.executable, "-c", code]
    return [sys.executable, "-I", "-S", str(THIN_PARENT), str(account), *child]


@pytest.mark.parametrize(
    ("code", "number", "status"),
    [
        (READY_THEN_SLEEP, signal.SIGTERM, -signal.SIGTERM),
        (LEAVES_WITH_9 + READY_THEN_SLEEP, signal.SIGTERM, 9),
        (READY_THEN_SLEEP, signal.SIGINT, -signal.SIGINT),
    ],
)
def test_signal_is_passed_on(
    tmp_path: Path, code: str, number: signal.Signals, status: int
) -> None:
    with subprocess.Popen(
        command(tmp_path / "account.json", code),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        parent.send_signal(number)
        assert parent.wait(timeout=60) == 0
    assert json.loads((tmp_path / "account.json").read_text())["status"] == status


@pytest.mark.parametrize(("code", "status"), [("pass", 0), ("raise SystemExit(3)", 3)])
def test_account_has_all_its_figures(tmp_path: Path, code: str, status: int) -> None:
    subprocess.run(command(tmp_path / "account.json", code), check=True)
    account = json.loads((tmp_path / "account.json").read_text())
    assert set(account) == {"wall_s", "user_s", "kernel_s", "peak_rss_bytes", "status"}
    assert account["status"] == status
    assert account["peak_rss_bytes"] > 2**20


def test_little_is_imported() -> None:
    code = f"import sys, runpy; runpy.run_path({str(THIN_PARENT)!r}); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"emch", "subprocess", "argparse", "numpy"} & set(done.stdout.split())
