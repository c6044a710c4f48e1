"""asv ends what it has started before emch ends, whoever interrupts emch."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from emch.errors import EmchError
from emch.tracking.command import run_asv

ASV = """
import os, subprocess, sys
benchmark = subprocess.Popen(["sleep", "600"], process_group=0)
try:
    print(benchmark.pid, flush=True)  # a signal may come as soon as this is read
    benchmark.wait()
finally:
    benchmark.kill()
    benchmark.wait()
"""
FORGETFUL_ASV = """
import subprocess
worker = subprocess.Popen(["sleep", "600"])
print(worker.pid, flush=True)
worker.wait()
"""
"""As asv when the interrupt comes in the middle of the start of a worker."""
OURS = """
import signal, sys
from emch.tracking.command import run_asv
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
run_asv("run")
"""
IN_BACKGROUND = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""As a shell starts what a script runs in the background."""


@pytest.mark.parametrize("asv", [ASV, FORGETFUL_ASV], ids=["benchmark", "worker"])
@pytest.mark.parametrize(
    ("before", "number", "status"),
    [("", signal.SIGTERM, 143), ("", signal.SIGINT, -2), (IN_BACKGROUND, signal.SIGTERM, 143)],
)
def test_what_asv_started_does_not_outlive_us(
    tmp_path: Path, before: str, number: int, status: int, asv: str
) -> None:
    (tmp_path / "asv").mkdir()
    (tmp_path / "asv" / "__init__.py").touch()
    (tmp_path / "asv" / "__main__.py").write_text(asv)
    ours = subprocess.Popen(
        [sys.executable, "-c", before + OURS],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert ours.stderr is not None
    started = psutil.Process(int(ours.stderr.readline()))
    ours.send_signal(number)  # to us alone, as a supervisor does
    ours.communicate(timeout=60)
    assert ours.returncode == status
    psutil.wait_procs([started], timeout=5)
    assert not started.is_running()


def test_traceback_of_asv_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "asv").mkdir()
    (tmp_path / "asv" / "__init__.py").touch()
    main = tmp_path / "asv" / "__main__.py"
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    main.write_text("print('step 1', flush=True)\nraise KeyError('main')")
    with pytest.raises(EmchError, match=r"asv broke \(KeyError: 'main'\)") as error:
        run_asv("publish")
    assert "Traceback" in error.value.__notes__[0]
    assert capfd.readouterr() == ("", "step 1\n")
    main.write_text("import sys; print('a warning', file=sys.stderr); sys.exit(2)")
    assert run_asv("publish") == 2
    assert capfd.readouterr() == ("", "a warning\n")
