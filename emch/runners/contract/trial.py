"""One job for a program in another language, and all that can be seen of how it does it."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from emch.backends.native.go import GoMlxXla
from emch.backends.native.program import Description, describe
from emch.backends.native.rust import RustOnnxRuntime
from emch.backends.registry import BACKENDS, get_backend
from emch.datasets import mini
from emch.errors import Unavailable
from emch.models import reference
from emch.models.artifacts import open_artifact
from emch.models.settings import read_settings
from emch.models.tokenizer import load_tokenizer
from emch.runners.fresh_process import environment
from emch.runners.job import CONTRACT
from emch.runners.native_job import about
from emch.tasks.sentence_encoding import SentenceEncoding
from emch.tasks.startup import Startup

THREADS = 2
TIMEOUT_S = 300.0
"""How long a program may take for a small job."""


@dataclass(frozen=True)
class Trial:
    """What a program did with a job.

    Attributes
    ----------
    status : int
        Its exit status; minus a signal's number where that ended it.
    said, printed : str
        What it wrote to stderr and to stdout.
    result : object
        The JSON that it left; None where there is no result, or one that is no JSON.
    left : list of str
        The names of the files that it left beside the job.
    """

    status: int
    said: str
    printed: str
    result: Any
    left: list[str]


@dataclass(frozen=True)
class Runner:
    """A program that is held against the contract, with a prepared model.

    Attributes
    ----------
    program : Path
        The program.
    model : str
        The key of the model.
    named : str or None
        The backend that it is tried as; None for the first that it names.
    """

    program: Path
    model: str
    named: str | None = None

    @cached_property
    def description(self) -> Description:
        """What it says of itself."""
        return describe(self.program)

    @property
    def backend(self) -> str:
        """The backend that it is tried as."""
        return self.named or self.description.backends[0]

    @cached_property
    def artifact_kind(self) -> str:
        """The artifact that its backend loads; that of fp32 where emch does not know it."""
        return get_backend(self.backend).artifact if self.backend in BACKENDS else "onnx"

    @cached_property
    def precision(self) -> str:
        """What its backend computes in; fp32 where emch does not know it."""
        return get_backend(self.backend).precision if self.backend in BACKENDS else "fp32"

    @cached_property
    def reference(self) -> Any:
        """The probes and the embeddings of them, [probes, size]."""
        return reference.load(open_artifact(self.model, "reference").folder)

    def job(self, task: str, threads: int = THREADS, **other: Any) -> dict[str, Any]:
        """Return a job for a task by its name, with other parameters of the task."""
        artifact = open_artifact(self.model, self.artifact_kind)
        settings, tokenizer = read_settings(artifact.folder), load_tokenizer(artifact.folder)
        makers: dict[str, Callable[[], Mapping[str, Any]]] = {
            "semantic-search": lambda: {
                "folder": str(mini.FOLDER), "limit": None, "exclude_self": False,
            },
            "sentence-encoding": lambda: {
                "callers": 1, "min_calls": 3, "min_seconds": 0.05, "max_seconds": 20.0,
                **SentenceEncoding(dataset="titles", batch_size=2).for_program(tokenizer, settings),
            },
            "startup": lambda: Startup(dataset="titles", batch_size=4).for_program(
                tokenizer, settings
            ),
            "tokens": lambda: {"texts": [probe.text for probe in self.reference[0]]},
        }  # fmt: skip
        return {
            "contract": CONTRACT,
            "backend": self.backend,
            "task": {"name": task, "batch_size": 16, **makers[task](), **other},
            "options": {"threads": threads, "streams": 1},
            "libraries": libraries(),
            **about(self.model, artifact, settings, self.precision),
        }

    def do(self, job: Mapping[str, Any], target: str = "result.json") -> Trial:
        """Let the program do a job; a relative target lies beside the job."""
        with self.started(job, target) as (process, folder):
            printed, said = process.communicate(timeout=TIMEOUT_S)
            left = sorted(path.name for path in folder.iterdir() if path.name != "job.json")
            path = folder / target
            return Trial(process.returncode, said, printed, read_json(path), left)

    @contextmanager
    def started(
        self, job: Mapping[str, Any], target: str = "result.json"
    ) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
        """Start the program with a job in a folder of its own; it is killed at the end."""
        with tempfile.TemporaryDirectory(prefix="emch-") as name:
            folder = Path(name)
            path = folder / "job.json"
            path.write_text(json.dumps(job), encoding="utf-8")
            process = subprocess.Popen(
                [self.program, path, folder / target],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env={**os.environ, **environment(THREADS)},
                text=True, errors="replace",
            )  # fmt: skip
            try:
                yield process, folder
            finally:
                process.kill()
                process.communicate()


@cache
def libraries() -> dict[str, str]:
    """Return the shared libraries that are here, as paths by the contract's names."""
    found = dict(GoMlxXla.libraries())
    with suppress(Unavailable):
        found |= RustOnnxRuntime.libraries()
    return found


def read_json(path: Path) -> Any:
    """Return what a file has; None where it is not there, or is no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
