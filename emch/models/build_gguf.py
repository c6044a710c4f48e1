"""Writes a BERT as GGUF, the file that llama.cpp loads: weights, sizes, and the tokenizer."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from emch.errors import InvalidInput
from emch.models.build import copy_side_files
from emch.models.extras import needs
from emch.models.layout import read_json
from emch.models.settings import read_settings
from emch.models.tokenizer import TOKENIZER

FILE = "model.gguf"

POOLING = {"mean": "MEAN", "cls": "CLS", "lasttoken": "LAST"}
"""GGUF's words for a model's pooling."""

SPECIAL = {
    "bos": "[CLS]",
    "sep": "[SEP]",
    "pad": "[PAD]",
    "unk": "[UNK]",
    "mask": "[MASK]",
}
"""The tokens of BERT that llama.cpp has to be told, by GGUF's names for them."""


def convert_gguf(model: Path, target: Path, kind: str) -> dict[str, str]:
    """Write `target/model.gguf` from the weights in `model`.

    Parameters
    ----------
    model : Path
        A folder with model.safetensors, config.json and tokenizer.json.
    target : Path
        An empty folder.
    kind : {"F16", "Q8_0"}
        What the matrices become: 16 bits, or 8 bits with a scale for each 32. Norms, biases and
        what is added to the tokens stay in fp32.

    Raises
    ------
    Unavailable
        The package `gguf` is missing.
    InvalidInput
        It is no BERT with a WordPiece tokenizer.
    """
    with needs("prepare-gguf"):
        import gguf
        from safetensors.numpy import load_file
    config, tokenizer = read_json(model / "config.json"), read_json(model / TOKENIZER)
    if config.get("model_type") != "bert" or tokenizer["model"].get("type") != "WordPiece":
        raise InvalidInput(
            f"llama.cpp's file is written for BERT with a WordPiece tokenizer, and {model} has "
            f"'{config.get('model_type')}' with '{tokenizer['model'].get('type')}'"
        )
    writer = gguf.GGUFWriter(target / FILE, "bert")
    writer.add_file_type(gguf.LlamaFileType[f"MOSTLY_{kind}"])
    _write_sizes(writer, config, read_settings(model).pooling)
    _write_tokens(writer, tokenizer, config)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, config["num_hidden_layers"])
    for name, weight in load_file(model / "model.safetensors").items():
        base, _, part = name.rpartition(".")
        if found := names.get_name(base):  # the pooler has none, and is not used
            _write_weight(writer, f"{found}.{part}", weight.astype(np.float32), kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    copy_side_files(model, target)
    return {"quantization": kind}


def _write_sizes(writer: Any, config: dict[str, Any], pooling: tuple[str, ...]) -> None:
    from gguf import PoolingType

    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(value=False)
    known = POOLING.get(pooling[0], "NONE") if len(pooling) == 1 else "NONE"
    writer.add_pooling_type(PoolingType[known])


def _write_tokens(writer: Any, tokenizer: dict[str, Any], config: dict[str, Any]) -> None:
    """Write the vocabulary: llama.cpp marks how words begin, WordPiece how they go on."""
    from gguf import TokenType

    places: dict[str, int] = tokenizer["model"]["vocab"]
    tokens = sorted(places, key=places.__getitem__)
    special = {added["content"] for added in tokenizer["added_tokens"]}
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([token if token in special else _begun(token) for token in tokens])
    kinds = [TokenType.CONTROL if token in special else TokenType.NORMAL for token in tokens]
    writer.add_token_types(kinds)
    writer.add_token_type_count(config["type_vocab_size"])
    for name, token in SPECIAL.items():
        if token in places:
            getattr(writer, f"add_{name}_token_id")(places[token])


def _begun(token: str) -> str:
    return token[2:] if token.startswith("##") else f"\N{LOWER ONE EIGHTH BLOCK}{token}"


def _write_weight(writer: Any, name: str, weight: Any, kind: str) -> None:
    from gguf import GGMLQuantizationType, quantize

    matrix = name.startswith("blk.") and weight.ndim == 2
    if matrix or name == "token_embd.weight":
        stored = GGMLQuantizationType[kind]
        writer.add_tensor(name, quantize(weight, stored), raw_dtype=stored)
    else:
        writer.add_tensor(name, weight)


convert_f16 = partial(convert_gguf, kind="F16")
convert_q8 = partial(convert_gguf, kind="Q8_0")
