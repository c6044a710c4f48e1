"""What a sentence-embedding model's folder says of tokens and pooling."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from emch.errors import InvalidInput

POOLINGS = ("mean", "cls")


@dataclass(frozen=True)
class EncoderSettings:
    """How texts become embeddings around the network.

    Attributes
    ----------
    max_tokens : int
        Longer texts are cut to this many tokens, the special ones included.
    hidden_size, feed_forward_size, layers : int
        The length of an embedding and of the states between, and how many layers there are.
    pooling : {"mean", "cls"}
        The mean over the text's tokens, or the first token.
    """

    max_tokens: int
    hidden_size: int
    feed_forward_size: int
    layers: int
    pooling: Literal["mean", "cls"]

    def count_flop(self, tokens: int) -> int:
        """Return the floating-point operations of one text's matrix products, without padding.

        In each layer a token takes the four square matrices of attention and the two of the
        feed-forward network, and meets each token of its text twice; a multiplication with its
        addition counts as 2, as usual (Kaplan et al. 2020, section 2.1). Embedding, biases,
        norms, softmax and activation are left out: they are below 1 % here.
        """
        linear = 4 * self.hidden_size**2 + 2 * self.hidden_size * self.feed_forward_size
        attention = 2 * self.hidden_size * tokens
        return 2 * self.layers * tokens * (linear + attention)


SIZES = ("hidden_size", "max_position_embeddings", "intermediate_size", "num_hidden_layers")


def read_settings(model: Path) -> EncoderSettings:
    """Read the settings from the files that sentence-transformers writes beside a model.

    Without them the limit is the network's and the pooling is the mean, as sentence-transformers
    itself assumes.

    Raises
    ------
    InvalidInput
        The model is no encoder, or it pools in a way that emch has no code for.
    """
    network = _read(model / "config.json")
    if missing := [name for name in SIZES if name not in network]:
        raise InvalidInput(
            f"{model / 'config.json'} has no {' or '.join(missing)}: emch takes BERT-like encoders"
        )
    sentence = _read(model / "sentence_bert_config.json")
    max_tokens = sentence.get("max_seq_length") or network["max_position_embeddings"]
    for size in (max_tokens, *(network[name] for name in SIZES)):
        if not isinstance(size, int) or size < 1:
            raise InvalidInput(f"{model}: a size in its config files is {size!r}, not a number")
    return EncoderSettings(
        max_tokens=max_tokens,
        hidden_size=network["hidden_size"],
        feed_forward_size=network["intermediate_size"],
        layers=network["num_hidden_layers"],
        pooling=_pooling(model / "1_Pooling" / "config.json"),
    )


def _pooling(path: Path) -> Literal["mean", "cls"]:
    config = _read(path)
    if "pooling_mode" in config:  # the newer of the two ways in which it is written
        chosen = [config["pooling_mode"]]
    else:
        names = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
        chosen = [
            names.get(key, key)
            for key, value in config.items()
            if value is True and key.startswith("pooling_mode")
        ]
    chosen = chosen or ["mean"]
    if len(chosen) > 1 or chosen[0] not in POOLINGS:
        raise InvalidInput(f"{path}: pooling {chosen} is not one of {', '.join(POOLINGS)}")
    return cast("Literal['mean', 'cls']", chosen[0])


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(f"{path}: not valid JSON ({error})") from error
    if not isinstance(config, dict):
        raise InvalidInput(f"{path}: expected a JSON object, found {type(config).__name__}")
    return config
