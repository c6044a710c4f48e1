"""A model with modules.json, as sentence-transformers loads it."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from emch.arrays import FloatArray
from emch.errors import InvalidInput
from emch.models.extras import needs
from emch.models.head import ACTIVATIONS, POOLINGS, Step
from emch.models.layout import Layout
from emch.models.original.base import Original, require_fast, token_limit
from emch.models.original.transformers import describe
from emch.models.quiet import hide_progress
from emch.models.settings import Prompt, Role

OLD_POOLINGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
"""The older of the two ways in which modes are written, in the order of their results."""

PROMPTS: dict[Role, tuple[str, ...]] = {
    "text": (),
    "query": ("query",),
    "document": ("document", "passage", "corpus"),
}
"""The prompts that the library's encode, encode_query and encode_document look for, in order."""


def load(layout: Layout) -> Original:
    """Load a `SentenceTransformer`; see `load_original`."""
    with needs("prepare"):
        from sentence_transformers import SentenceTransformer
    hide_progress()
    model = SentenceTransformer(
        str(layout.root),
        device="cpu",
        local_files_only=True,
        model_kwargs={"attn_implementation": "eager", "use_safetensors": True},
    ).float()
    transformer, pooling, steps = _modules(model, layout)
    tokenizer = transformer.tokenizer
    require_fast(tokenizer, layout)
    network = transformer.auto_model
    limit = token_limit(model.max_seq_length, network, layout)
    model.max_seq_length = limit
    settings = describe(
        network,
        tokenizer,
        limit,
        pooling=_poolings(pooling, layout),
        prompts={role: _prompt(model, pooling, role) for role in PROMPTS},
        steps=tuple(_step(module, layout) for module in steps),
    )
    return Original(
        maker=f"sentence-transformers {version('sentence-transformers')}",
        network=network,
        tokenizer=tokenizer,
        settings=settings,
        encode=_encoder(model),
    )


def _modules(model: Any, layout: Layout) -> tuple[Any, Any, list[Any]]:
    """Return the transformer, the pooling, and what follows, less Dropout, which does nothing."""
    names = [type(module).__name__ for module in model]
    if names[:2] != ["Transformer", "Pooling"]:
        raise _refuse(layout, f"its modules are {', '.join(names)}, and not Transformer, Pooling")
    transformer, pooling, *rest = model
    task = getattr(transformer, "transformer_task", "feature-extraction")
    if task != "feature-extraction" or "message" in getattr(transformer, "modality_config", ()):
        raise _refuse(layout, f"its Transformer is for {task}, or wants chat messages")
    return transformer, pooling, [module for module in rest if type(module).__name__ != "Dropout"]


def _refuse(layout: Layout, what: str) -> InvalidInput:
    return InvalidInput(f"{layout.root}: {what}: emch has no code for that")


def _poolings(pooling: Any, layout: Layout) -> tuple[str, ...]:
    config = pooling.get_config_dict()
    modes = config.get("pooling_mode") or [
        mode for key, mode in OLD_POOLINGS.items() if config.get(key)
    ]
    chosen = (modes,) if isinstance(modes, str) else tuple(modes)
    if unknown := [mode for mode in chosen if mode not in POOLINGS]:
        raise _refuse(layout, f"its pooling is {', '.join(unknown)}")
    return chosen


def _prompt(model: Any, pooling: Any, role: Role) -> Prompt:
    """Return what the library puts before the texts of a role, an absent prompt being empty."""
    named = next((name for name in PROMPTS[role] if name in model.prompts), None)
    text = model.prompts.get(named or model.default_prompt_name) or ""
    if not text or pooling.get_config_dict().get("include_prompt", True):
        return Prompt(text)
    ids = model.tokenizer(text)["input_ids"]
    return Prompt(text, len(ids) - (ids[-1] in model.tokenizer.all_special_ids))


def _step(module: Any, layout: Layout) -> Step:
    kind = type(module).__name__
    if kind == "Normalize":
        return Step(kind)
    if kind == "LayerNorm":
        norm = module.norm
        return Step(kind, epsilon=norm.eps, weight=_array(norm.weight), bias=_array(norm.bias))
    if kind != "Dense":
        raise _refuse(layout, f"it has a module {kind}")
    activation = type(module.activation_function).__name__
    if activation not in ACTIVATIONS:
        raise _refuse(layout, f"its module Dense ends in {activation}")
    taken = {getattr(module, f"module_{side}_name", EMBEDDING) for side in ("input", "output")}
    if taken != {EMBEDDING}:
        raise _refuse(layout, f"its module Dense takes and gives {', '.join(sorted(taken))}")
    linear = module.linear
    return Step(kind, activation, weight=_array(linear.weight), bias=_array(linear.bias))


EMBEDDING = "sentence_embedding"
"""The library's name of what a pooling gives, and all that follows takes."""


def _array(parameter: Any) -> FloatArray | None:
    if parameter is None:
        return None
    array: FloatArray = parameter.detach().numpy()
    return array


def _encoder(model: Any) -> Any:
    methods = {
        "text": model.encode,
        "query": model.encode_query,
        "document": model.encode_document,
    }

    def encode(texts: Sequence[str], role: Role) -> FloatArray:
        embeddings = methods[role](list(texts), batch_size=len(texts), show_progress_bar=False)
        return np.asarray(embeddings, dtype=np.float32)

    return encode
