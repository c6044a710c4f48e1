"""The measuring processes: each holds one cell of one side, and calls it on command."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emch.compare.sides import Side
from emch.errors import EmchError, WorkerEnded, told
from emch.measure.process import how_it_ended
from emch.tracking.results import Cell

WORKER = Path(__file__).with_name("side_process.py")


class Worker:
    """A measuring process of one side."""

    def __init__(self, name: str, side: Side, cell: Cell, embeddings: Path) -> None:
        self._name = name
        arguments = [cell.benchmark, json.dumps(cell.params), str(embeddings)]
        self._process = _start(side, "measure", *arguments)

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
        """Suspend all threads of the process."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Resume the threads of the process."""
        self._process.send_signal(signal.SIGCONT)

    def _write(self, content: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        try:
            self._process.stdin.write(json.dumps(content) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # `ask` then reads how it ended

    def end(self) -> None:
        """Kill the process; it has nothing to save."""
        self._process.kill()
        self._process.communicate()


def _how_it_ended(status: int) -> str:
    if status == -signal.SIGALRM:
        return "it took longer than the timeout of its benchmark"
    return f"the measuring process {how_it_ended(status)}"


def list_cells(side: Side) -> list[Cell]:
    """Return every cell of every timing of a side's suite."""
    process = _start(side, "list")
    output, _ = process.communicate()
    if process.returncode != 0:
        why = told(**json.loads(output)["error"]) if output else how_it_ended(process.returncode)
        raise EmchError(f"the benchmarks of {side.label} cannot be read: {why}")
    return [Cell(found["benchmark"], tuple(found["cell"])) for found in json.loads(output)]


@contextmanager
def start_worker(name: str, side: Side, cell: Cell, embeddings: Path) -> Iterator[Worker]:
    """Start a process for a cell of a side; it is gone when the block ends, however that ends."""
    worker = Worker(name, side, cell, embeddings)
    try:
        yield worker
    finally:
        worker.end()


def _start(side: Side, verb: str, *arguments: str) -> "subprocess.Popen[str]":
    place = {"suite": side.suite, "packages": side.packages, "project": side.project}
    command = [side.python, str(WORKER), json.dumps(place), verb, *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1"}
    for name in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    return subprocess.Popen(
        command,
        cwd=side.folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
