"""An emulator of BigQuery, in an environment of its own: it needs older packages than emch."""

import sys
from pathlib import Path
from subprocess import run

from tests.servers.processes import Server, free_port

PACKAGES = (
    "bqemulator==1.4.0",
    "numpy",  # it needs it and does not say so
    "duckdb==1.5.5",
    "duckdb-extensions==1.5.5",
    "duckdb-extension-spatial==1.5.5",
)
IMPORT = "from duckdb_extensions import import_extension; import_extension('spatial')"
"""Puts DuckDB's extension, which the emulator would fetch by itself, where it looks for it."""


def bqemulator(folder: Path) -> Server:
    """Install the emulator into a folder, and return a server whose tables are kept there."""
    environment = folder / "environment"
    uv = Path(sys.executable).with_name("uv")
    run([uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    python = environment / "bin" / "python"
    run([uv, "pip", "install", "--quiet", "--python", python, *PACKAGES], check=True)
    env = {"HOME": str(folder), "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false"}
    run([python, "-c", IMPORT], check=True, env=env)
    port, other = free_port(), free_port()
    ports = ["--rest-port", port, "--grpc-port", other]
    command = [environment / "bin" / "bqemulator", "start", *ports, "--data-dir", folder / "data"]
    return Server(command, port, "/", folder, **env)
