"""The BERT encoder as a JAX program, on the weights and sizes of a transformers folder."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emch.arrays import FloatArray
from emch.errors import Unavailable

Weights = dict[str, Any]
"""Arrays by their names in the file."""


@dataclass(frozen=True)
class BertSizes:
    """What the weights do not say of the network.

    Attributes
    ----------
    layers, heads : int
        Encoder layers, and attention heads of each.
    positions : int
        The most tokens that a text can have.
    epsilon : float
        Added to the variance when a layer is normalised.
    """

    layers: int
    heads: int
    positions: int
    epsilon: float


def read_sizes(folder: Path) -> BertSizes:
    """Read the sizes from config.json.

    Raises
    ------
    Unavailable
        It is another network than the one that is written here.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for key, known in (
        ("model_type", "bert"),
        ("hidden_act", "gelu"),
        ("position_embedding_type", "absolute"),
    ):
        if config.get(key, known) != known:
            raise Unavailable(
                f"{folder / 'config.json'} has {key} '{config[key]}': emch's JAX program is BERT "
                f"with {key} '{known}', take another backend"
            )
    return BertSizes(
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        positions=config["max_position_embeddings"],
        epsilon=config["layer_norm_eps"],
    )


def read_weights(folder: Path, layers: int) -> dict[str, FloatArray]:
    """Read the embeddings and the encoder, without the pooler, from model.safetensors.

    Raises
    ------
    Unavailable
        A weight is not there.
    """
    from safetensors.numpy import load_file

    weights = {
        name: array.astype(np.float32, copy=False)
        for name, array in load_file(folder / "model.safetensors").items()
        if name.startswith(("embeddings.", "encoder.")) and array.dtype.kind == "f"
    }
    for name in _names(layers):
        if name not in weights:
            raise Unavailable(
                f"{folder / 'model.safetensors'} has no '{name}', which emch's JAX program needs: "
                "take another backend"
            )
    return weights


def _names(layers: int) -> Iterator[str]:
    """Yield the names of all weights that `hidden_states` asks for."""
    tables = ("word_embeddings", "position_embeddings", "token_type_embeddings")
    yield from (f"embeddings.{table}.weight" for table in tables)
    modules = ["embeddings.LayerNorm"]
    for layer in range(layers):
        modules += [f"encoder.layer.{layer}.{module}" for module in LAYER]
    for module in modules:
        yield from (f"{module}.weight", f"{module}.bias")


LAYER = (
    *(f"attention.self.{part}" for part in ("query", "key", "value")),
    *(
        f"{part}.{module}"
        for part in ("attention.output", "output")
        for module in ("dense", "LayerNorm")
    ),
    "intermediate.dense",
)
"""The modules of a layer that have weights."""


def hidden_states(weights: Weights, input_ids: Any, attention_mask: Any, sizes: BertSizes) -> Any:
    """Compute the last hidden states, to be traced by `jax.jit`.

    Parameters
    ----------
    weights : dict of str to array
        See `Weights`.
    input_ids, attention_mask : array of int32, shape [batch, tokens]
        The mask is 1 on tokens and 0 on padding; a text may be padding alone.
    sizes : BertSizes
        The sizes of the network.

    Returns
    -------
    array of float32, shape [batch, tokens, hidden]
    """
    states = _embed(weights, input_ids, sizes)
    for layer in range(sizes.layers):
        name = f"encoder.layer.{layer}."
        mixed = _attend(weights, name + "attention.", states, attention_mask, sizes)
        mixed = _linear(weights, name + "attention.output.dense", mixed)
        states = _normalize(weights, name + "attention.output.", states + mixed, sizes)
        states = _feed_forward(weights, name, states, sizes)
    return states


def _embed(weights: Weights, input_ids: Any, sizes: BertSizes) -> Any:
    words = weights["embeddings.word_embeddings.weight"][input_ids]
    positions = weights["embeddings.position_embeddings.weight"][: input_ids.shape[1]]
    token_type = weights["embeddings.token_type_embeddings.weight"][0]
    return _normalize(weights, "embeddings.", words + positions + token_type, sizes)


def _attend(weights: Weights, name: str, states: Any, attention_mask: Any, sizes: BertSizes) -> Any:
    import jax
    import jax.numpy as jnp

    def split(part: str) -> Any:  # [batch, tokens, hidden] to [batch, tokens, heads, head]
        projected = _linear(weights, name + "self." + part, states)
        return projected.reshape(*states.shape[:2], sizes.heads, -1)

    query, key, value = split("query"), split("key"), split("value")
    scores = jnp.einsum("bqhd,bkhd->bhqk", query, key) / math.sqrt(query.shape[-1])
    # Not minus infinity: the softmax of a text that is padding alone must be finite.
    scores = jnp.where(attention_mask[:, None, None] == 1, scores, jnp.finfo(scores.dtype).min)
    mixed = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), value)
    return mixed.reshape(states.shape)


def _feed_forward(weights: Weights, name: str, states: Any, sizes: BertSizes) -> Any:
    from jax.nn import gelu

    inner = gelu(_linear(weights, name + "intermediate.dense", states), approximate=False)
    outer = _linear(weights, name + "output.dense", inner)
    return _normalize(weights, name + "output.", states + outer, sizes)


def _linear(weights: Weights, name: str, states: Any) -> Any:
    return states @ weights[name + ".weight"].T + weights[name + ".bias"]


def _normalize(weights: Weights, name: str, states: Any, sizes: BertSizes) -> Any:
    from jax.lax import rsqrt

    mean, variance = states.mean(-1, keepdims=True), states.var(-1, keepdims=True)
    scaled = (states - mean) * rsqrt(variance + sizes.epsilon)
    return scaled * weights[name + "LayerNorm.weight"] + weights[name + "LayerNorm.bias"]
