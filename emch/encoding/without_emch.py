"""Prints a backend as a program that has no need of emch: tokenizer, engine, pooling."""

from pathlib import Path

from emch.backends.base import Backend
from emch.models.settings import EncoderSettings, read_settings

POOLING = {
    "mean": "pooled = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)",
    "cls": "pooled = states[:, 0]",
}
"""The poolings that one line says."""

NORMALIZED = "pooled / np.linalg.norm(pooled, axis=1, keepdims=True)"


def python_lines(backend: type[Backend], folder: Path, threads: int) -> str | None:
    """Return a program that defines `encode(texts)`; None where it would take more than lines.

    Parameters
    ----------
    backend : type of Backend
        The backend.
    folder : Path
        Of the artifact that it loads.
    threads : int
        Threads of the engine.
    """
    lines, settings = backend.lines(), read_settings(folder)
    if lines is None:
        return None
    call = "\n".join(f"    {line}" for line in lines.call.splitlines())
    if lines.takes_texts:
        return f"""\
{lines.imports}

folder, threads = {str(folder)!r}, {threads}
{lines.load}


def encode(texts):
{call}
"""
    if not _is_plain(settings):
        return None
    steps = [step.kind for step in settings.steps]
    return f"""\
import numpy as np
{lines.imports}
from tokenizers import Tokenizer

folder, threads = {str(folder)!r}, {threads}
tokenizer = Tokenizer.from_file(f"{{folder}}/tokenizer.json")
tokenizer.enable_truncation({settings.max_tokens})
tokenizer.enable_padding(pad_id={settings.pad_id})
{lines.load}


def encode(texts):
    tokens = tokenizer.encode_batch(texts)
    ids = np.array([each.ids for each in tokens], dtype=np.int64)
    mask = np.array([each.attention_mask for each in tokens], dtype=np.int64)
{call}
    {POOLING[settings.pooling[0]]}
    return {NORMALIZED if steps else "pooled"}
"""


def _is_plain(settings: EncoderSettings) -> bool:
    """Say whether a model has one pooling, no prompts, and nothing but lengths of 1 after it."""
    return (
        len(settings.pooling) == 1
        and settings.pooling[0] in POOLING
        and not any(prompt.text for prompt in settings.prompts.values())
        and {step.kind for step in settings.steps} <= {"Normalize"}
    )
