"""The measuring processes: each holds one cell of one side, and calls it on command."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from emch.compare.side.emch_side.place import LINK
from emch.compare.sides import Side
from emch.errors import EmchError, WorkerEnded, told
from emch.measure.process import how_it_ended
from emch.tracking.results import Cell

MODULE = "emch_side"
PATH = Path(__file__).with_name("side")


class Worker:
    """A measuring process of one side."""

    def __init__(self, name: str, side: Side, cell: Cell, folder: Path, embeddings: Path) -> None:
        self._name = name
        arguments = [cell.benchmark, json.dumps(cell.params), str(embeddings)]
        self._process = _start(side, folder, "measure", *arguments)

    def ask(self, **content: Any) -> dict[str, Any]:
        """Send a command and wait for the answer; this process sleeps meanwhile.

        Raises
        ------
        WorkerEnded
            The process has ended, or could not do it.
        """
        if content:
            self._write(content)
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        line = self._process.stdout.readline()
        if not line:
            raise WorkerEnded(_how_it_ended(self._process.wait()), self._name)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerEnded(told(**answer["error"]), self._name)
        return answer

    def stop(self) -> None:
        """Suspend all threads of the process, and the processes that its benchmark started."""
        _signal(self._process, signal.SIGSTOP)

    def go_on(self) -> None:
        """Resume what `stop` has suspended."""
        _signal(self._process, signal.SIGCONT)

    def _write(self, content: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        try:
            self._process.stdin.write(json.dumps(content) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # `ask` then reads how it ended

    def end(self) -> None:
        """Kill the process with all that its benchmark started; it has nothing to save."""
        _signal(self._process, signal.SIGKILL)
        self._process.communicate()


def _signal(process: "subprocess.Popen[str]", number: int) -> None:
    """Send a signal to a process and to all that it started: they have a group of their own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _how_it_ended(status: int) -> str:
    if status == -signal.SIGALRM:
        return "it took longer than the timeout of its benchmark"
    return f"the measuring process {how_it_ended(status)}"


def list_cells(side: Side) -> list[Cell]:
    """Return every cell of every benchmark of a side's suite.

    Raises
    ------
    EmchError
        The suite cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        try:
            listed = _done(_start(side, Path(folder), "list"))
        except WorkerEnded as why:
            raise EmchError(f"the benchmarks of {side.label} cannot be read: {why}") from why
    return [Cell(**{**found, "params": tuple(found["params"])}) for found in listed]


def fill_cache(name: str, side: Side, cell: Cell, folder: Path) -> None:
    """Run the `setup_cache` of a cell's benchmark in a folder.

    Raises
    ------
    WorkerEnded
        It failed.
    """
    _done(_start(side, folder, "cache", cell.benchmark), name)


def explain(name: str, side: Side, cell: Cell, folder: Path) -> dict[str, Any]:
    """Return what a side has installed, and what a cell's benchmark says of itself.

    Raises
    ------
    WorkerEnded
        The benchmark cannot be set up.
    """
    arguments = [cell.benchmark, json.dumps(cell.params)]
    found: dict[str, Any] = _done(_start(side, folder, "explain", *arguments), name)
    return found


def _done(process: "subprocess.Popen[str]", name: str = "") -> Any:
    """Return the one answer of a process that has ended."""
    try:
        output, _ = process.communicate()
    finally:
        _signal(process, signal.SIGKILL)
    if process.returncode == 0:
        return json.loads(output)
    why = told(**json.loads(output)["error"]) if output else _how_it_ended(process.returncode)
    raise WorkerEnded(why, name)


@contextmanager
def start_worker(
    name: str, side: Side, cell: Cell, folder: Path, embeddings: Path
) -> Iterator[Worker]:
    """Start a process for a cell of a side; it is gone when the block ends, however that ends.

    Parameters
    ----------
    name : {"A", "B"}
        The side.
    side : Side
        Its code.
    cell : Cell
        What it measures.
    folder : Path
        Where it runs.
    embeddings : Path
        The file for the embeddings of its answers.
    """
    worker = Worker(name, side, cell, folder, embeddings)
    try:
        yield worker
    finally:
        worker.end()


def _start(side: Side, folder: Path, verb: str, *arguments: str) -> "subprocess.Popen[str]":
    if not (link := folder / LINK).is_symlink():
        link.symlink_to(side.folder.absolute())
    place = {
        "suite": side.suite, "packages": side.packages, "project": side.project,
        "timeout_s": side.timeout_s,
    }  # fmt: skip
    environment = {**os.environ, **side.variables, "PYTHONPATH": str(PATH)}
    environment |= {"PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1"}
    environment["TQDM_DISABLE"] = "1"  # transformers 5 shows a bar while it loads a model
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.Popen(
        [side.python, "-m", MODULE, json.dumps(place), verb, *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
