"""Two real processes a launch, over a suite that is small enough to see through."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from emch.compare.schedule import measure
from emch.compare.statistics import LOOKS
from emch.compare.workers import MODULE, PATH, list_cells, start_worker
from emch.errors import EmchError
from tests.compare.toy import CELL, PLAN, compare, launch, make


def test_cells_of_a_suite_are_listed(tmp_path: Path) -> None:
    cells = list_cells(make(tmp_path / "a"))
    assert [cell.name for cell in cells] == [
        "toy.Toy.time_it('onnxruntime', 1)",
        "toy.Toy.time_it('onnxruntime', 2)",
    ]


FUNCTIONS = """
import os

def time_plain():
    "".join(map(str, range(1000)))

def time_of(size):
    time_plain()

time_of.params = [1, 2]

def time_set_up():
    assert os.environ["SET_UP"] == "x"

time_set_up.setup = lambda: os.environ.update(SET_UP="x")

class Bare:
    def time_it(self):
        time_plain()

class Cached:
    def setup_cache(self):
        return 5

    def time_it(self, five):
        pass

class _Base:
    def time_it(self):
        pass
"""


def test_functions_and_classes_without_setup_or_parameters_are_timed(tmp_path: Path) -> None:
    side = make(tmp_path / "a")
    (side.folder / "benchmarks" / "toy.py").unlink()
    nested = side.folder / "benchmarks" / "nested"
    nested.mkdir()
    (nested / "__init__.py").touch()
    (nested / "own.py").write_text(FUNCTIONS)
    cells = list_cells(side)
    assert [cell.name for cell in cells] == [
        "nested.own.time_plain",
        "nested.own.time_of(1)",
        "nested.own.time_of(2)",
        "nested.own.time_set_up",
        "nested.own.Bare.time_it",
        "nested.own.Cached.time_it",
    ]
    for cell in cells:
        found = launch(side, side, cell)
        assert found.failed is None, cell
        assert min(found.call_s) > 0


def test_suite_may_be_anywhere_and_packages_in_src(tmp_path: Path) -> None:
    made = make(tmp_path / "shared", setup="import own; own.prepare()")
    side = replace(made, folder=tmp_path / "b", suite=str(made.folder / "benchmarks"))
    (tmp_path / "b" / "src").mkdir(parents=True)
    (tmp_path / "b" / "src" / "own.py").write_text("def prepare(): pass")
    assert launch(side, side).failed is None


def test_copy_of_the_project_that_is_installed_is_never_measured(tmp_path: Path) -> None:
    side = replace(make(tmp_path / "a", setup="import filelock"), project="filelock")
    failed = launch(side, side).failed
    assert failed is not None
    assert (
        "the package 'filelock' is neither at the root of this side nor in its src/" in failed["A"]
    )


def test_suite_that_cannot_be_read_is_told_by_its_exception(tmp_path: Path) -> None:
    side = make(tmp_path / "a")
    (side.folder / "benchmarks" / "toy.py").write_text("raise ValueError('no such thing')")
    with pytest.raises(EmchError, match="of a cannot be read: ValueError: no such thing"):
        list_cells(side)


def test_side_that_is_twice_as_slow_is_slower(tmp_path: Path) -> None:
    found = compare(make(tmp_path / "a"), make(tmp_path / "b", seconds=0.006), tmp_path)
    (speed,) = (finding for finding in found if finding.what == "time")
    assert speed.verdict == "slower"
    assert speed.low is not None
    assert speed.low > 1
    assert speed.launches in LOOKS


def test_other_answers_are_reported_at_the_same_speed(tmp_path: Path) -> None:
    found = compare(make(tmp_path / "a"), make(tmp_path / "b", rate=0.4, value=1.5), tmp_path)
    words = {finding.what: finding.verdict for finding in found}
    assert words["hit rate"] == "worse"
    assert words["answers"] == "changed"


def test_more_memory_is_worse(tmp_path: Path) -> None:
    heavy = make(tmp_path / "b", setup="self.held = np.ones(2**24)")
    found = compare(make(tmp_path / "a"), heavy, tmp_path)
    assert {finding.what: finding.verdict for finding in found}["memory"] == "worse"


@pytest.mark.parametrize(
    ("broken", "word"),
    [((False, True), "broke"), ((True, False), "fixed"), ((True, True), "failed")],
)
def test_side_that_fails_is_a_finding(tmp_path: Path, broken: tuple[bool, bool], word: str) -> None:
    setups = ["raise ValueError('no such thing')" if each else "pass" for each in broken]
    one, other = (
        make(tmp_path / name, setup=setup) for name, setup in zip("ab", setups, strict=True)
    )
    (finding,) = compare(one, other, tmp_path)
    assert finding.verdict == word
    assert "ValueError: no such thing" in finding.note


@pytest.mark.parametrize(
    ("absent", "word"),
    [((True, True), "skipped"), ((False, True), "broke"), ((True, False), "fixed")],
)
def test_cell_that_neither_side_can_run_is_not_for_this_machine(
    tmp_path: Path, absent: tuple[bool, bool], word: str
) -> None:
    setups = ["raise NotImplementedError('no engine')" if each else "pass" for each in absent]
    one, other = (
        make(tmp_path / name, setup=setup) for name, setup in zip("ab", setups, strict=True)
    )
    (finding,) = compare(one, other, tmp_path)
    assert (finding.verdict, finding.note) == (word, "no engine")


@pytest.mark.parametrize(
    ("setup", "note"),
    [
        (
            "import os; os.kill(os.getpid(), 9)",
            "the measuring process was killed by signal 9 (Killed), "
            "as the system does when memory runs out",
        ),
        ("next(iter(()))", "StopIteration in setup"),
        ("raise ValueError(' \\n\\nno such thing\\nsee the manual')", "ValueError: no such thing"),
        ("time.sleep(60)", "it took longer than the timeout of its benchmark"),
        (
            "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32)); "
            "self.held = np.ones(2**30)",
            "MemoryError: Unable to allocate 8.00 GiB for an array with shape "
            "(1073741824,) and data type float64",
        ),
    ],
    ids=["killed", "no message", "long message", "hangs", "out of memory"],
)
def test_worker_that_does_not_come_back_is_a_finding(tmp_path: Path, setup: str, note: str) -> None:
    (finding,) = compare(make(tmp_path / "a"), make(tmp_path / "b", setup=setup), tmp_path)
    assert (finding.verdict, finding.note) == ("broke", note)


def test_call_that_fails_later_is_a_finding_with_its_error(tmp_path: Path) -> None:
    later = "import sys; sys.calls = getattr(sys, 'calls', 0) + 1; [0][sys.calls // 8]"
    (finding,) = compare(make(tmp_path / "a"), make(tmp_path / "b", setup=later), tmp_path)
    assert finding.verdict == "broke"
    assert finding.note == "IndexError: list index out of range"


def test_benchmark_with_one_parameter_more_keeps_its_cells(tmp_path: Path) -> None:
    one, other = make(tmp_path / "a"), make(tmp_path / "b")
    suite = other.folder / "benchmarks" / "toy.py"
    text = suite.read_text()
    suite.write_text(text.replace('["onnxruntime"]', '["another", "onnxruntime"]'))
    assert set(list_cells(one)) < set(list_cells(other))
    found = launch(one, other)
    assert found.failed is None
    assert found.quadruples


def test_side_that_rests_does_not_run(tmp_path: Path) -> None:
    spin = "import threading; threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()"
    side = make(tmp_path / "a", setup=spin)
    run = tmp_path / "run"
    run.mkdir()
    with start_worker("A", side, CELL, run, tmp_path / "answers") as worker:
        worker.ask()
        (process,) = (each for each in psutil.Process().children() if MODULE in each.cmdline())
        worker.stop()
        before = process.cpu_times().user
        time.sleep(0.3)
        assert process.cpu_times().user - before < 0.1
        worker.go_on()
        assert worker.ask(seconds=0.3)["calls"]
        _wait(lambda: process.cpu_times().user - before > 0.1)


def test_what_a_benchmark_started_ends_with_it(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    start = (
        "import subprocess, sys; "
        "held = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(999)']); "
        f"open({str(pids)!r}, 'a').write(str(held.pid) + '\\n')"
    )
    side = make(tmp_path / "a", setup=start)
    launch(side, side)
    for pid in set(map(int, pids.read_text().split())):
        _wait(lambda pid=pid: not _is_running(pid))


def _is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_nothing_is_left_running(tmp_path: Path) -> None:
    launch(make(tmp_path / "a"), make(tmp_path / "b"))
    children = psutil.Process().children(recursive=True)
    assert not [child for child in children if MODULE in child.cmdline()]


@pytest.mark.skipif(sys.platform != "linux", reason="the system's signal is Linux's")
def test_worker_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    side = make(tmp_path / "a", seconds=60)
    place = {
        "suite": side.suite,
        "packages": side.packages,
        "project": side.project,
        "timeout_s": 9,
    }
    arguments = [side.python, "-m", MODULE, json.dumps(place), "measure", CELL.benchmark]
    arguments += [json.dumps(CELL.params), "x"]
    run, variables = tmp_path / "run", {**os.environ, "PYTHONPATH": str(PATH)}
    run.mkdir()
    (run / "side").symlink_to(side.folder)
    script = (
        "import subprocess, time\n"
        f"process = subprocess.Popen({arguments!r}, cwd={str(run)!r}, env={variables!r})\n"
        "print(process.pid, flush=True)\n"
        "time.sleep(99)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    _wait(lambda: "benchmarks" in str(worker.open_files()) or worker.cpu_times().user > 0.1)
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    _wait(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)


def _wait(condition: object) -> None:
    assert callable(condition)
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen within 10 seconds")


def test_what_was_measured_is_kept(tmp_path: Path) -> None:
    one, other = make(tmp_path / "a"), make(tmp_path / "b", seconds=0.006)
    state = tmp_path / "state"
    running = measure((one, other), [CELL], PLAN, state, resume=False)
    next(running)
    next(running)
    running.close()  # as an interrupt does
    with state.open("a") as stream:
        stream.write('{"cell": "half a li')
    first = next(measure((one, other), [CELL], PLAN, state, resume=True))
    assert len(first.cells[0].launches) == 3
    again = next(measure((one, other), [CELL], PLAN, state, resume=True))
    assert len(again.cells[0].launches) == 4
    anew = next(measure((one, other), [CELL], PLAN, state, resume=False))
    assert len(anew.cells[0].launches) == 1
