"""The one table of tasks; a new one is a file in this folder and a line here."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from emch.errors import InvalidInput
from emch.tasks.base import Task

TASKS = {
    "model-parts": "emch.tasks.model_parts:ModelParts",
    "semantic-search": "emch.tasks.semantic_search:SemanticSearch",
    "sentence-encoding": "emch.tasks.sentence_encoding:SentenceEncoding",
    "text-encoding": "emch.tasks.text_encoding:TextEncoding",
    "startup": "emch.tasks.startup:Startup",
    "under-load": "emch.tasks.under_load:UnderLoad",
}


def get_task(name: str) -> type[Task]:
    """Return the task of a name.

    Raises
    ------
    InvalidInput
        There is none of this name.
    """
    if name not in TASKS:
        raise InvalidInput(f"unknown task '{name}'; known are: {', '.join(TASKS)}")
    module, _, attribute = TASKS[name].partition(":")
    task: type[Task] = getattr(import_module(module), attribute)
    return task


def make_task(name: str, parameters: Mapping[str, Any]) -> Task:
    """Return a task of a name with its parameters."""
    return get_task(name)(**parameters)
