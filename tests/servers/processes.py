"""Starts and stops the servers that the tests write to, each in a folder of its own."""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE_S = 120


def free_port() -> int:
    """Return a port of the loopback address that nobody has now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Server:
    """A server that can be stopped and started again at the same address.

    Attributes
    ----------
    url : str
        Its address.
    """

    def __init__(
        self, command: Sequence[object], port: int, path: str, folder: Path, **env: str
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._command = [str(word) for word in command]
        self._ready = self.url + path
        self._log = folder / "server.log"
        self._env: Mapping[str, str] = {**os.environ, **env}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env=self._env, start_new_session=True
            )
        until = time.monotonic() + PATIENCE_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise AssertionError(f"{self._command[0]} did not start: {self._log.read_text()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it, if it runs; what it has kept is there when it is started again."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self._ready, timeout=5) as answer:  # noqa: S310 - ours
                return answer.status < 300
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


def influxd(folder: Path) -> Server:
    """Return a server of InfluxDB 1.x, as Debian's package has it."""
    port, other = free_port(), free_port()
    config = folder / "influxdb.conf"
    config.write_text(
        f"""
        reporting-disabled = true
        bind-address = "127.0.0.1:{other}"
        [meta]
        dir = "{folder}/meta"
        [data]
        dir = "{folder}/data"
        wal-dir = "{folder}/wal"
        [monitor]
        store-enabled = false
        [http]
        bind-address = "127.0.0.1:{port}"
        """
    )
    program = shutil.which("influxd")
    return Server([program, "run", "-config", config], port, "/ping", folder)
