"""The job of a program in another language: with all that it needs to do the task by itself."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from emch.backends.native.program import Program
from emch.backends.registry import require_available
from emch.errors import Unavailable
from emch.models import reference
from emch.models.artifacts import Artifact, open_artifact
from emch.models.settings import EncoderSettings, read_settings
from emch.models.tokenizer import TOKENIZER, load_tokenizer
from emch.runners.job import Job


def native_job(job: Job, backend: type[Program], artifact: Artifact) -> str:
    """Return the job as one line of JSON.

    Parameters
    ----------
    job : Job
        What is to be done.
    backend : type of Program
        What does it; it is there.
    artifact : Artifact
        The ONNX file that it loads.

    Raises
    ------
    Unavailable
        The program has no code for the task, or for the model.
    """
    require_available(backend.name)
    settings = read_settings(artifact.folder)
    built = backend.built()
    if built is not None and job.task.name not in built.tasks:
        raise Unavailable(
            f"the program {built.name} has no task '{job.task.name}', it has: "
            f"{', '.join(built.tasks)}"
        )
    _require_model(backend, job.model, settings)
    content = job.to_dict()
    content["task"] |= job.task.for_program(load_tokenizer(artifact.folder), settings)
    content["options"] = _options(job)
    content["libraries"] = backend.libraries()
    return json.dumps({**content, **about(job.model, artifact, settings, backend.precision)})


def _require_model(backend: type[Program], model: str, settings: EncoderSettings) -> None:
    """Refuse what only emch's own pooling can do."""
    built = backend.built()
    lacks = [
        *([] if len(settings.pooling) == 1 else ["several poolings"]),
        *(each for each in settings.pooling if built and each not in built.poolings),
        *(step.kind for step in settings.steps if step.kind != "Normalize"),
        *(["prompts that pooling leaves out"] if settings.skips else []),
    ]
    if lacks:
        raise Unavailable(
            f"the model {model} needs {', '.join(lacks)}, for which the program of "
            f"'{backend.name}' has no code: take another backend"
        )


def about(
    model: str, artifact: Artifact, settings: EncoderSettings, precision: str
) -> dict[str, Any]:
    """Return the parts of a job that tell of a model by its key, of its artifact and its probes."""
    probes, _ = reference.load(open_artifact(model, "reference").folder)
    return {
        "precision": precision,
        "model": {"key": model, **_describe(artifact, settings)},
        "probes": [probe._asdict() for probe in probes],
    }


def _describe(artifact: Artifact, settings: EncoderSettings) -> Mapping[str, Any]:
    """Return what a program has to know of a model, by the contract's names."""
    return {
        "network": str(artifact.folder / "model.onnx"),
        "tokenizer": str(artifact.folder / TOKENIZER),
        "max_tokens": settings.max_tokens,
        "pad_id": settings.pad_id,
        "hidden_size": settings.hidden_size,
        "linear_size": settings.linear_size,
        "attention_size": settings.attention_size,
        "pooling": settings.pooling[0],
        "normalize": bool(settings.steps),
        "prompts": {role: prompt.text for role, prompt in settings.prompts.items()},
    }


def _options(job: Job) -> Mapping[str, Any]:
    """Return the options that a program has to keep; None is left to it."""
    asked = asdict(job.options)
    del asked["oversubscribe"], asked["device"]  # a permission, and what only the parent checks
    return {name: value for name, value in asked.items() if value is not None}
