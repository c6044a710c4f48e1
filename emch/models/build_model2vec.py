"""Distils a model to one vector a token with Model2Vec: another model, and a far faster one."""

from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

from emch.models.build import copy_side_files
from emch.models.extras import needs
from emch.models.original.transformers import load_network
from emch.models.settings import read_settings

STATIC = "static"
"""The folder of the vectors, whose config.json is not the model's."""


def distil(model: Path, target: Path) -> dict[str, str]:
    """Let the network read every token of the vocabulary, and keep a vector of each.

    An embedding is the mean of the vectors of a text's tokens. They keep the length of the model's
    own, so that the two models differ in nothing but what they answer.
    """
    with needs("prepare-model2vec"):
        from model2vec.distill import distill_from_model
        from transformers import AutoTokenizer
    network, _ = load_network(model)
    tokenizer = AutoTokenizer.from_pretrained(str(model))
    with redirect_stderr(StringIO()):  # it draws its progress
        static = distill_from_model(
            network, tokenizer, pca_dims=read_settings(model).hidden_size, device="cpu"
        )
    static.save_pretrained(target / STATIC)
    copy_side_files(model, target)
    return {"distilled": f"{len(static.embedding)} tokens"}
