"""Small models with random weights, in folders as transformers and timm write them."""

import json
from pathlib import Path

from emch.models.source import DEFAULT_MODEL, find_model


def write_bert(folder: Path) -> Path:
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForMaskedLM

    torch.manual_seed(1)
    config = BertConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64
    )
    BertForMaskedLM(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(find_model(DEFAULT_MODEL).folder).save_pretrained(folder)
    return folder


def write_resnet(folder: Path) -> Path:
    import torch
    from transformers import ResNetConfig, ResNetForImageClassification

    torch.manual_seed(1)
    config = ResNetConfig(
        num_labels=10, embedding_size=8, hidden_sizes=[16, 24, 32, 40], depths=[1, 1, 1, 1]
    )
    ResNetForImageClassification(config).save_pretrained(folder)
    return folder


def write_timm(folder: Path, architecture: str, written: str) -> Path:
    """Write the weights of torchvision's `written` as those of an architecture."""
    import torchvision
    from safetensors.torch import save_file

    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"architecture": architecture}))
    weights = torchvision.models.get_model(written, weights=None).state_dict()
    save_file(weights, folder / "model.safetensors")
    return folder
