"""A network without modules.json, as transformers loads it, with mean pooling."""

from collections.abc import Sequence
from inspect import signature
from pathlib import Path
from typing import Any

from emch.arrays import FloatArray
from emch.errors import InvalidInput
from emch.models.extras import needs
from emch.models.layout import Layout
from emch.models.original.base import (
    Original,
    count_weights,
    require_fast,
    token_limit,
    written_positions,
)
from emch.models.quiet import hide_progress
from emch.models.settings import ROLES, EncoderSettings, Prompt, Role


def load(layout: Layout) -> Original:
    """Load `AutoModel` and `AutoTokenizer`; see `load_original`."""
    with needs("prepare"):
        import transformers
    network, _ = load_network(layout.network)
    tokenizer = transformers.AutoTokenizer.from_pretrained(layout.network, local_files_only=True)
    require_fast(tokenizer, layout)
    wanted = tokenizer.model_max_length
    if written := written_positions(network):
        wanted = min(wanted, written)
    settings = describe(network, tokenizer, token_limit(wanted, network, layout))
    return Original(
        maker=f"transformers {transformers.__version__}",
        network=network,
        tokenizer=tokenizer,
        settings=settings,
        encode=_encoder(network, tokenizer, settings.max_tokens),
        notes=(
            f"it has no modules.json: the mean over the tokens of a text, cut at "
            f"{settings.max_tokens} tokens, not normalised",
        ),
    )


def load_network(folder: Path) -> tuple[Any, list[str]]:
    """Load a network in fp32, and refuse one whose weights are not all there.

    Returns
    -------
    tuple of torch.nn.Module and list of str
        The network, and the names of weights that it has no use for.

    Raises
    ------
    InvalidInput
        Weights are missing (a pooler's apart, which is not used), or the network is not an encoder.
    """
    from transformers import AutoModel

    hide_progress()
    network, loading = AutoModel.from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        attn_implementation="eager",
        output_loading_info=True,
        trust_remote_code=False,
    )
    if missing := sorted(key for key in loading["missing_keys"] if not _of_pooler(key)):
        raise InvalidInput(
            f"{folder}: {len(missing)} weights of a {type(network).__name__} are not in its "
            f"safetensors, the first is '{missing[0]}': save the model with transformers again"
        )
    if network.config.is_encoder_decoder:
        raise InvalidInput(f"{folder}: a {type(network).__name__} is not an encoder alone")
    return network.float().eval(), sorted(loading["unexpected_keys"])


def _of_pooler(key: str) -> bool:
    return "pooler" in key.split(".")


def describe(network: Any, tokenizer: Any, max_tokens: int, **further: Any) -> EncoderSettings:
    """Return the settings of a network and its tokenizer: mean pooling, unless `further` says."""
    hidden_size = network.config.hidden_size
    linear_size, attention_size = count_weights(network, hidden_size)
    plain = {"pooling": ("mean",), "prompts": {role: Prompt() for role in ROLES}}
    return EncoderSettings(
        max_tokens=max_tokens,
        pad_id=tokenizer.pad_token_id or 0,
        hidden_size=hidden_size,
        linear_size=linear_size,
        attention_size=attention_size,
        **(plain | further),
    )


def _encoder(network: Any, tokenizer: Any, max_tokens: int) -> Any:
    import torch

    # Some networks have no types of tokens, and their tokenizers give them all the same.
    taken = signature(network.forward).parameters

    def encode(texts: Sequence[str], _: Role) -> FloatArray:
        tokens = tokenizer(
            list(texts), padding=True, truncation=True, max_length=max_tokens, return_tensors="pt"
        )
        inputs = {name: tensor for name, tensor in tokens.items() if name in taken}
        with torch.inference_mode():
            states = network(**inputs).last_hidden_state
            mask = tokens["attention_mask"][:, :, None].float()
            means: FloatArray = ((states * mask).sum(1) / mask.sum(1)).numpy()
        return means

    return encode
