"""The architectures of Beam's benchmarks in PyTorch: torchvision's ResNet, transformers' BERT."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emch.beam.asked import SEED
from emch.errors import InvalidInput
from emch.models.network_files import Made, named
from emch.models.quiet import hide_progress
from emch.models.source import DEFAULT_MODEL, find_model
from emch.models.tokenizer import write_tokenizer

MASK = "[MASK]"
LARGE = {
    "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
    "intermediate_size": 4096,
}  # fmt: skip
BERT: Mapping[str, Mapping[str, int]] = {"bert-base-uncased": {}, "bert-large-uncased": LARGE}
RESNET = ("resnet101", "resnet152")


def make_classifier(model: str, folder: Path | None) -> Made:
    """Return a classifier of images.

    Parameters
    ----------
    model : str
        One of `RESNET`, for random weights.
    folder : Path or None
        The weights: a folder as timm writes it, or as transformers does.

    Raises
    ------
    InvalidInput
        The weights are not the network's, or the folder has none for this task.
    """
    import torch
    import torchvision

    if folder is None:
        torch.manual_seed(SEED)
        network = torchvision.models.get_model(model, weights=None)
    elif "architecture" in (config := _config(folder)):  # as timm writes it
        network = torchvision.models.get_model(config["architecture"], weights=None)
        _fill(network, folder)
    else:
        from transformers import AutoModelForImageClassification

        network = _pretrained(AutoModelForImageClassification, folder)
    example = {"pixel_values": torch.rand(2, 3, 224, 224, generator=_generator())}
    made = named(network.eval(), [*example], ("logits",))
    return Made(made, example, ("logits",), {0: "batch"}, 1 << 16)


def make_masked(model: str, folder: Path | None, target: Path) -> Made:
    """Return a network that guesses masked tokens; its tokenizer is written to `target`.

    `model` is one of `BERT`, for random weights; else see `make_classifier`.
    """
    import torch
    from transformers import AutoModelForMaskedLM, AutoTokenizer, BertConfig, BertForMaskedLM

    if folder is None:
        torch.manual_seed(SEED)
        network = BertForMaskedLM(BertConfig(**BERT[model]))
    else:
        network = _pretrained(AutoModelForMaskedLM, folder)
    # The vocabulary of all-MiniLM-L6-v2 is that of bert-base-uncased and bert-large-uncased.
    tokenizer = AutoTokenizer.from_pretrained(folder or find_model(DEFAULT_MODEL).folder)
    most = network.config.max_position_embeddings
    written = write_tokenizer(tokenizer, most, target)
    if written.token_to_id(MASK) is None:
        raise InvalidInput(f"the tokenizer of {folder} has no token {MASK}")
    shape, names = (2, 16), ("input_ids", "attention_mask", "token_type_ids")
    ids = torch.randint(0, network.config.vocab_size, shape, generator=_generator())
    values = (ids, torch.ones(shape).long(), torch.zeros(shape).long())
    example = dict(zip(names, values, strict=True))
    made = named(network.eval(), names, ("logits",))
    return Made(made, example, ("logits",), {0: "batch", 1: "sequence"}, most)


def _generator() -> Any:
    import torch

    return torch.Generator().manual_seed(SEED)


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read ({error}): a model has its own there") from error


def _fill(network: Any, folder: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        network.load_state_dict(load_file(folder / "model.safetensors"))
    except (RuntimeError, SafetensorError, OSError) as error:
        first = str(error).splitlines()[0]
        raise InvalidInput(f"the weights in {folder} are not the network's: {first}") from error


def _pretrained(kind: Any, folder: Path) -> Any:
    from safetensors import SafetensorError

    _config(folder)
    hide_progress()
    try:
        return kind.from_pretrained(folder, use_safetensors=True, local_files_only=True)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        first = str(error).splitlines()[0]
        raise InvalidInput(f"{folder} has no network for this task: {first}") from error


def write_probe(made: Made, path: Path) -> None:
    """Write inputs, and what the network answers in PyTorch before any export."""
    import torch

    with torch.inference_mode():
        logits = made.module(*made.example.values())["logits"].numpy()
    arrays = {name: tensor.numpy() for name, tensor in made.example.items()}
    np.savez(path, **arrays, logits=logits)
