"""Prints a backend as a program that has no need of emch: tokenizer, engine, pooling."""

from pathlib import Path

from emch.backends.base import Backend
from emch.models.settings import read_settings

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
    start = f"folder, threads = {str(folder)!r}, {threads}"
    known = POOLING if not lines.takes_texts else lines.poolings
    pooling = None
    if known is not None:
        pooling = known.get(settings.only_pooling or "")
        if pooling is None or settings.has_prompts:
            return None
    if lines.takes_texts:
        if pooling is not None:
            told = (pooling, bool(settings.steps), settings.embedding_size)
            start += f"\npooling, normalize, size = {', '.join(map(repr, told))}"
        return f"""\
{lines.imports}

{start}
{lines.load}


def encode(texts):
{call}
"""
    return f"""\
import numpy as np
{lines.imports}
from tokenizers import Tokenizer

{start}
tokenizer = Tokenizer.from_file(f"{{folder}}/tokenizer.json")
tokenizer.enable_truncation({settings.max_tokens})
tokenizer.enable_padding(pad_id={settings.pad_id})
{lines.load}


def encode(texts):
    tokens = tokenizer.encode_batch(texts)
    ids = np.array([each.ids for each in tokens], dtype=np.int64)
    mask = np.array([each.attention_mask for each in tokens], dtype=np.int64)
{call}
    {pooling}
    return {NORMALIZED if settings.steps else "pooled"}
"""
