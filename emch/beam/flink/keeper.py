"""The process that keeps a cluster: it starts Flink's processes, and a lost task manager again.

    python -m emch.beam.flink.keeper FOLDER LIB TASK_MANAGERS

It ends, and all with it, on SIGTERM. FOLDER gets its configuration, its logs, and `cluster.json`
once it is ready.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import NoReturn

from emch.beam.flink.java import Ports, configuration, job_manager, job_server, task_manager
from emch.beam.flink.rest import overview
from emch.beam.flink.state import STATE, State, free_ports
from emch.cache import replace_file
from emch.errors import ChildFailed, EmchError, handed_over

READY_S = 180
LOOK_S = 0.5


class Ended(BaseException):
    """Somebody stops the cluster."""


class Cluster:
    """The processes of a cluster, each with a log of its name."""

    def __init__(self, folder: Path, lib: Path, task_managers: int) -> None:
        self._folder = folder
        self._lib = lib
        self._count = task_managers
        self.ports = Ports(*free_ports(4))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start everything, and return when pipelines can come.

        Raises
        ------
        ChildFailed
            A process ended, or they were not ready in time.
        """
        (self._folder / "tmp").mkdir()
        replace_file(self._folder / "config.yaml", configuration(self._folder, self.ports))
        self._run("job-manager", job_manager(self._lib, self._folder))
        for number in range(self._count):
            self._run_tasks(f"task-manager-{number}")
        self._until(lambda: overview(self.ports.rest) == self._count)
        self._run("job-server", job_server(self._lib, self._folder, self.ports))
        self._until(lambda: _listens(self.ports.job) and _listens(self.ports.artifact))

    def keep(self) -> NoReturn:
        """Start each task manager that is lost again, for ever.

        Raises
        ------
        ChildFailed
            The job manager or the job server ended, without which there is no cluster.
        """
        while True:
            time.sleep(LOOK_S)
            for name, process in self._processes.items():
                if process.poll() is None:
                    continue
                if not name.startswith("task-manager"):
                    raise ChildFailed(f"the {name} ended: see {self._log(name)}")
                self._run_tasks(name)

    def stop(self) -> None:
        """End all processes."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def _run_tasks(self, name: str) -> None:
        self._run(name, task_manager(self._lib, self._folder))

    def _run(self, name: str, command: list[str]) -> None:
        with self._log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _until(self, ready: Callable[[], bool]) -> None:
        until = time.monotonic() + READY_S
        while not ready():
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise ChildFailed(f"the {name} of Flink ended: see {self._log(name)}")
            if time.monotonic() > until:
                raise ChildFailed(f"Flink was not ready in {READY_S} s: see {self._folder}")
            time.sleep(LOOK_S)


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def main(place: str, lib: str, task_managers: str) -> None:
    """Run as described above."""
    signal.signal(signal.SIGTERM, _end)
    folder = Path(place)
    cluster = Cluster(folder, Path(lib), int(task_managers))
    try:
        cluster.start()
        state = State(os.getpid(), str(folder), int(task_managers), **asdict(cluster.ports))
        replace_file(folder / STATE, json.dumps(asdict(state)))
        cluster.keep()
    except EmchError as error:
        replace_file(folder / STATE, json.dumps(handed_over(error)))
    except Ended:
        (folder / STATE).unlink(missing_ok=True)
    finally:
        cluster.stop()


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Ended


if __name__ == "__main__":
    main(*sys.argv[1:])
