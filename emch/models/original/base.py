"""A model as its own library loads it: what emch's own reading of a model is compared with.

With modules.json the library is sentence-transformers, without it transformers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from emch.arrays import FloatArray
from emch.errors import InvalidInput
from emch.models.layout import Layout
from emch.models.settings import EncoderSettings, Role

Encode = Callable[[Sequence[str], Role], FloatArray]
"""Texts of one role into embeddings [texts, size], in one batch, as the library makes them."""


@dataclass(frozen=True, kw_only=True)
class Original:
    """A model that its own library has loaded.

    Attributes
    ----------
    maker : str
        The library and its version.
    network : torch.nn.Module
        The network in fp32.
    tokenizer : transformers.PreTrainedTokenizerFast
        As the library uses it.
    settings : EncoderSettings
        What the library does around the network.
    encode : callable
        See `Encode`.
    notes : tuple of str
        What the user should know about the model.
    """

    maker: str
    network: Any
    tokenizer: Any
    settings: EncoderSettings
    encode: Encode
    notes: tuple[str, ...] = ()


def require_fast(tokenizer: Any, layout: Layout) -> None:
    """Refuse a tokenizer that the library `tokenizers` has no code for."""
    if not getattr(tokenizer, "is_fast", False):
        raise InvalidInput(
            f"{layout.network}: its tokenizer is a {type(tokenizer).__name__}, and emch tokenizes "
            "with fast tokenizers only: save the model with a tokenizer.json"
        )


def token_limit(wanted: int, network: Any, layout: Layout) -> int:
    """Return how many tokens of a text count.

    Parameters
    ----------
    wanted : int
        What the library has: its own limit, the tokenizer's, or that of the positions.

    Raises
    ------
    InvalidInput
        The limit is beyond the positions, or nothing limits the texts.
    """
    positions = usable_positions(network)
    if positions is not None and wanted == written_positions(network):
        return positions  # the library takes all rows for positions, and some are none
    if positions is not None and wanted > positions:
        raise InvalidInput(
            f"{layout.root}: texts are cut at {wanted} tokens, and the network has only "
            f"{positions} positions: lower max_seq_length to {positions}"
        )
    if wanted > MOST_TOKENS:
        raise InvalidInput(
            f"{layout.root}: nothing limits the length of a text: "
            "write model_max_length into its tokenizer_config.json"
        )
    return wanted


MOST_TOKENS = 2**24
"""transformers has a greater number where a tokenizer has no limit."""


def usable_positions(network: Any) -> int | None:
    """Return how many tokens a network has positions for; None where they are not a table.

    RoBERTa and its relatives count positions from the row behind that of the padding.
    """
    for module in network.modules():
        table = getattr(module, "position_embeddings", None)
        rows = getattr(table, "num_embeddings", None)
        if rows is not None:
            padding = getattr(module, "padding_idx", None)
            return int(rows) - (padding + 1 if isinstance(padding, int) else 0)
    return written_positions(network)


def written_positions(network: Any) -> int | None:
    """Return the positions that the configuration has; None where it has no number above 0."""
    written = getattr(network.config, "max_position_embeddings", None)
    return written if isinstance(written, int) and written > 0 else None


def count_weights(network: Any, hidden_size: int) -> tuple[int, int]:
    """Return `linear_size` and `attention_size` of `EncoderSettings`, counted on one run.

    A layer that is used several times, as in ALBERT, counts each time; a pooler does not.
    """
    import torch

    met: list[int] = []
    hooks = [
        module.register_forward_hook(lambda layer, *_: met.append(layer.weight.numel()))
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.Linear) and "pooler" not in name.split(".")
    ]
    ones = torch.ones((1, 4), dtype=torch.int64)
    with torch.inference_mode():
        network(input_ids=ones, attention_mask=ones)
    for hook in hooks:
        hook.remove()
    layers = getattr(network.config, "num_hidden_layers", 0)
    return sum(met), layers * hidden_size
