"""The command lines of Flink's processes and of Beam's job server."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OPENED = (
    "java.base/java.lang", "java.base/java.lang.invoke", "java.base/java.net", "java.base/java.io",
    "java.base/java.nio", "java.base/java.text", "java.base/java.time", "java.base/java.util",
    "java.base/java.util.concurrent", "java.base/java.util.concurrent.atomic",
    "java.base/java.util.concurrent.locks", "java.base/sun.nio.ch",
)  # fmt: skip
"""Parts of Java that Flink reaches into, which Java 17 allows to nobody by itself."""

MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
TASKS = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
JOBS = "org.apache.beam.runners.flink.FlinkJobServerDriver"

TASK_MEMORY = {
    "taskmanager.cpu.cores": "1.0",
    "taskmanager.memory.task.heap.size": "256m",
    "taskmanager.memory.task.off-heap.size": "0m",
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "128m",
    "taskmanager.memory.network.min": "64m",
    "taskmanager.memory.network.max": "64m",
    "taskmanager.memory.managed.size": "128m",
    "taskmanager.memory.jvm-metaspace.size": "256m",
    "taskmanager.memory.jvm-overhead.min": "64m",
    "taskmanager.memory.jvm-overhead.max": "64m",
}
"""Flink's scripts compute these; without the scripts each has to be given."""


@dataclass(frozen=True)
class Ports:
    """What the processes listen at, on the loopback address alone."""

    rpc: int
    rest: int
    job: int
    artifact: int


def configuration(folder: Path, ports: Ports) -> str:
    """Return Flink's config.yaml.

    A job whose task manager is lost begins anew as soon as there is another one.
    """
    return "\n".join(
        f"{name}: {value}"
        for name, value in {
            "jobmanager.rpc.address": "127.0.0.1",
            "jobmanager.rpc.port": ports.rpc,
            "jobmanager.bind-host": "127.0.0.1",
            "taskmanager.bind-host": "127.0.0.1",
            "taskmanager.host": "127.0.0.1",
            "taskmanager.numberOfTaskSlots": 1,
            "rest.address": "127.0.0.1",
            "rest.bind-address": "127.0.0.1",
            "rest.port": ports.rest,
            "restart-strategy.type": "fixed-delay",
            "restart-strategy.fixed-delay.attempts": 10,
            "restart-strategy.fixed-delay.delay": "2 s",
            "heartbeat.interval": 2000,
            "heartbeat.timeout": 20000,
            "blob.service.cleanup.interval": 60,
            "io.tmp.dirs": folder / "tmp",
        }.items()
    )


def job_manager(lib: Path, folder: Path) -> list[str]:
    """Return the command of the process that plans jobs."""
    return [*_java(lib, 384), MANAGER, "--configDir", str(folder)]


def task_manager(lib: Path, folder: Path) -> list[str]:
    """Return the command of a process that works, in one slot."""
    sizes = [f"-D{name}={value}" for name, value in TASK_MEMORY.items()]
    return [*_java(lib, 384), TASKS, "--configDir", str(folder), *sizes]


def job_server(lib: Path, folder: Path, ports: Ports) -> list[str]:
    """Return the command of Beam's server, which takes pipelines and gives Flink jobs."""
    return [
        *_java(lib, 384), JOBS, f"--flink-master=127.0.0.1:{ports.rest}", "--job-host=127.0.0.1",
        f"--job-port={ports.job}", f"--artifact-port={ports.artifact}", "--expansion-port=0",
        f"--artifacts-dir={folder / 'artifacts'}",
    ]  # fmt: skip


def _java(lib: Path, heap_mib: int) -> Sequence[str]:
    opened = [f"--add-opens={part}=ALL-UNNAMED" for part in OPENED]
    return [
        "java", f"-Xmx{heap_mib}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", *opened, "-cp", f"{lib}/*",
    ]  # fmt: skip
