"""The job file: what a measured process is told to do, whatever language it is written in.

Its layout is published in schemas/job.json and explained in docs/native-runners.md.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from emch.backends.base import Options
from emch.backends.registry import make_options
from emch.tasks.base import Task
from emch.tasks.registry import make_task

CONTRACT = 1
"""The version of the layout of jobs and of results."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A task to run, with its backend, model and options.

    Attributes
    ----------
    task : Task
        The task with its parameters.
    backend, model : str
        The name of the backend, and the key of the model.
    options : Options
        What the session is asked to use.
    first : str or None
        The file of the first answers of a function of the project's, which is held against them;
        see `emch.encoding.first`.
    """

    task: Task
    backend: str
    model: str
    options: Options
    first: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what every measured process is told."""
        return {
            "contract": CONTRACT,
            "backend": self.backend,
            "task": {"name": self.task.name, **asdict(self.task)},
            "model": {"key": self.model},
            "options": asdict(self.options),
        }

    def to_json(self) -> str:
        """Return it as one line of JSON, for a worker in Python."""
        return json.dumps({**self.to_dict(), "first": self.first})

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """Read what `to_json` wrote."""
        found = json.loads(text)
        task = found["task"]
        return cls(
            task=make_task(task.pop("name"), task),
            backend=found["backend"],
            model=found["model"]["key"],
            options=make_options(found["backend"], **found["options"]),
            first=found["first"],
        )
