"""The reference: the probe texts by a model's own library, and emch compared with it."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emch.arrays import FloatArray
from emch.errors import InvalidInput
from emch.models.agreement import agreement
from emch.models.head import pool
from emch.models.original.base import Original
from emch.models.original.transformers import load_network
from emch.models.probes import FIXED, Probe, own_probes
from emch.models.settings import ROLES, read_settings
from emch.models.tokenizer import load_tokenizer

FILES = ("probes.npy", "own.npy", "own.json")
"""Embeddings of the fixed probes, those of the model's own, and the texts of the latter.

Earlier commits of emch know the first alone.
"""


def store(original: Original, folder: Path) -> None:
    """Let the library encode all probes, and write the embeddings.

    Raises
    ------
    InvalidInput
        The embedding of a text depends on the other texts of the batch.
    """
    own = own_probes(original.tokenizer, original.settings.prompts)
    every = [*FIXED, *own]
    alone = np.concatenate([original.encode([probe.text], probe.role) for probe in every])
    for role in ROLES:
        places = [place for place, probe in enumerate(every) if probe.role == role]
        if not places:
            continue
        together = original.encode([every[place].text for place in places], role)
        if not (found := agreement(together, alone[places])).reaches("fp32"):
            raise InvalidInput(
                f"the embeddings of {original.maker} depend on the other texts of a batch: alone "
                f"and together they {found}: look at padding_side in tokenizer_config.json"
            )
    np.save(folder / FILES[0], alone[: len(FIXED)])
    np.save(folder / FILES[1], alone[len(FIXED) :])
    texts = [[probe.text, probe.role] for probe in own]
    (folder / FILES[2]).write_text(json.dumps(texts, ensure_ascii=False) + "\n", encoding="utf-8")


def load(folder: Path) -> tuple[list[Probe], FloatArray]:
    """Return all probes of a model and the library's embeddings of them, [probes, size]."""
    own = [
        Probe(text, role)
        for text, role in json.loads((folder / FILES[2]).read_text(encoding="utf-8"))
    ]
    rows = [np.load(folder / name, allow_pickle=False) for name in FILES[:2]]
    return [*FIXED, *own], np.concatenate(rows)


def hold_against(model: Path) -> None:
    """Compare emch's own reading of a model with its library's.

    Parameters
    ----------
    model : Path
        The artifact `safetensors`, with what `store` wrote.

    Raises
    ------
    InvalidInput
        They differ by more than fp32 may.
    """
    probes, reference = load(model)
    found = _read(model, probes)
    agreed = agreement(found, reference)
    if not agreed.reaches("fp32"):
        raise InvalidInput(
            f"emch reads this model wrongly: its embeddings and those of the model's own library "
            f"{agreed}: emch cannot measure it"
        )


def _read(model: Path, probes: Sequence[Probe]) -> FloatArray:
    """Encode the probes by emch's tokens, pooling and steps, a text at a time, by PyTorch."""
    import torch

    settings, tokenizer = read_settings(model), load_tokenizer(model)
    network, _ = load_network(model)
    rows = []
    for probe in probes:
        prompt = settings.prompts[probe.role]
        ids = torch.tensor([tokenizer.encode(prompt.text + probe.text).ids])
        mask = torch.ones_like(ids)
        with torch.inference_mode():
            states = network(input_ids=ids, attention_mask=mask).last_hidden_state.numpy()
        counted = mask.numpy()
        counted[:, : prompt.skipped] = 0
        rows.append(settings.finish(pool(states, counted, settings.pooling)))
    return np.concatenate(rows)
