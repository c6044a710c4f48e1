"""Asks an engine what a network takes, where emch cannot read its file itself."""

import tempfile
from pathlib import Path

from emch.backends.base import Options
from emch.backends.network import Input
from emch.bench.launched import Launched, job_of
from emch.bench.model import Model


def probe(model: Model, engine: str, options: Options, timeout_s: float) -> tuple[Input, ...]:
    """Load a network in a process of its own, and return its inputs.

    Raises
    ------
    EmchError
        It cannot be loaded.
    """
    job = job_of(model, engine, options)
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        launched = Launched(job, Path(folder) / "stderr.txt", timeout_s)
        try:
            found = launched.load()["inputs"]
        finally:
            launched.end()
    return tuple(Input(each["name"], each["dtype"], tuple(each["shape"])) for each in found)
