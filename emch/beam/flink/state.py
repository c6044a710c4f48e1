"""Where the cluster of this user is, and whether it is there."""

import json
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from emch.cache import cache_dir
from emch.errors import EmchError, as_raised

STATE = "cluster.json"


@dataclass(frozen=True)
class State:
    """A running cluster.

    Attributes
    ----------
    pid : int
        Of the process that keeps it.
    folder : str
        Its configuration and its logs.
    task_managers : int
        As many tasks run at once.
    rpc, rest, job, artifact : int
        The ports; see `Ports`.
    """

    pid: int
    folder: str
    task_managers: int
    rpc: int
    rest: int
    job: int
    artifact: int


def cluster_folder() -> Path:
    """Return the folder of this user's cluster."""
    return cache_dir() / "flink" / "cluster"


def find_cluster() -> State | EmchError | None:
    """Return the cluster, or why it ended by itself, or None where there is none."""
    try:
        found = json.loads((cluster_folder() / STATE).read_text(encoding="utf-8"))
    except OSError:
        return None
    if "error" in found:
        return as_raised(found)
    state = State(**found)
    return state if psutil.pid_exists(state.pid) else None


def free_ports(count: int) -> Sequence[int]:
    """Return ports of the loopback address that nobody has now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
