"""Starting and stopping the cluster of this user, and what a pipeline on it is told."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from emch.beam.flink.jars import jars
from emch.beam.flink.state import State, cluster_folder, find_cluster
from emch.cache import replace_file
from emch.errors import ChildFailed, EmchError, InvalidInput, Unavailable
from emch.runners.fresh_process import environment

BOOT = "boot"
PASSED_ON = ("EMCH_CACHE", "PYTHONPATH")
"""Variables that a worker has from the pipeline, and not from the cluster."""


def start(task_managers: int) -> State:
    """Start a cluster, and return when it is ready.

    Raises
    ------
    InvalidInput
        There is one already.
    Unavailable
        See `jars`.
    ChildFailed
        It did not become ready.
    """
    if isinstance(found := find_cluster(), State):
        raise InvalidInput(
            f"a Flink cluster with {found.task_managers} task managers runs already: "
            "'emch beam flink stop' ends it"
        )
    lib, folder = jars(), cluster_folder()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    boot = folder / BOOT
    replace_file(boot, f'#!/bin/sh\nexec {sys.executable} -P -m emch.beam.flink.boot "$@"\n')
    boot.chmod(0o755)
    with (folder / "keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-P", "-m", "emch.beam.flink.keeper", str(folder), str(lib),
             str(task_managers)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    while (started := find_cluster()) is None:
        if keeper.poll() is not None:
            raise ChildFailed(f"the cluster did not start: see {folder / 'keeper.log'}")
        time.sleep(0.2)
    if isinstance(started, EmchError):
        raise started
    return started


def stop() -> None:
    """Stop the cluster, and return when its processes have ended.

    Raises
    ------
    InvalidInput
        There is none.
    """
    found = find_cluster()
    if not isinstance(found, State):
        raise InvalidInput("no Flink cluster runs here")
    keeper = psutil.Process(found.pid)
    keeper.send_signal(signal.SIGTERM)
    keeper.wait(60)
    shutil.rmtree(cluster_folder())


def cluster_options(workers: int, threads: int) -> list[str]:
    """Return what a pipeline is told so that it runs on this user's cluster.

    Raises
    ------
    InvalidInput
        It has fewer task managers than there are workers: they would wait for one another.
    Unavailable
        There is none, or it has ended.
    """
    found = find_cluster()
    if not isinstance(found, State):
        ended = f" ({found})" if found else ""
        raise Unavailable(
            f"no Flink cluster runs here{ended}: 'emch beam flink start' starts one, or name the "
            "job server of another one by -- --job_endpoint=HOST:PORT"
        )
    if workers > found.task_managers:
        raise InvalidInput(
            f"--workers {workers}: the Flink cluster has {found.task_managers} task managers; ask "
            "for fewer, or start it with more"
        )
    variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    worker = {
        "command": str(Path(found.folder) / BOOT),
        "env": {**environment(threads), **variables},
    }
    # The cluster runs on these jars, so one is sent with a job in place of all 150 MB.
    return [
        f"--files_to_stage={next(jars().glob('slf4j-api-*.jar'))}",
        f"--job_endpoint=127.0.0.1:{found.job}",
        f"--artifact_endpoint=127.0.0.1:{found.artifact}",
        "--environment_type=PROCESS",
        f"--environment_config={json.dumps(worker)}",
    ]
