"""Tiny models with random weights, of every architecture that docs/models.md has a line for.

They are made by transformers and sentence-transformers, so their folders look as real ones do.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from emch.datasets import mini

SIZE = 32
POSITIONS = 64
LIMIT = POSITIONS // 2
"""Where models of sentence-transformers cut texts, and the network has more positions."""

SEED = 7
LAYER = {"hidden_size": SIZE, "num_hidden_layers": 2, "num_attention_heads": 4}
INNER = {"intermediate_size": 2 * SIZE}
# Larger than usual: with 0.02 the embeddings of all texts are nearly the same.
SPREAD = {"initializer_range": 0.3, "max_position_embeddings": POSITIONS}

CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "bert": LAYER | INNER | SPREAD,
    "roberta": LAYER | INNER | SPREAD | {"pad_token_id": 1},
    "xlm-roberta": LAYER | INNER | SPREAD | {"pad_token_id": 1},
    "mpnet": LAYER | INNER | SPREAD | {"pad_token_id": 1},
    "electra": LAYER | INNER | SPREAD | {"embedding_size": SIZE // 2},
    "albert": LAYER | INNER | SPREAD | {"embedding_size": SIZE // 2},
    "distilbert": {"dim": SIZE, "hidden_dim": 2 * SIZE, "n_layers": 2, "n_heads": 4, **SPREAD},
    "modernbert": LAYER | INNER | SPREAD | {"local_attention": 16, "reference_compile": False},
    "qwen3": LAYER | INNER | SPREAD | {"num_key_value_heads": 2, "head_dim": 8},
    "xlnet": {"d_model": SIZE, "n_layer": 2, "n_head": 4, "d_inner": 2 * SIZE},
    "t5": {"d_model": SIZE, "d_kv": 8, "d_ff": 2 * SIZE, "num_layers": 2, "num_heads": 4},
}
"""The sizes of each architecture, in the words of its configuration."""

TYPED = ("bert", "electra", "albert")
"""The architectures whose tokens have types."""

UNKNOWN = "[UNK]"

WORD_PIECES = ("bert", "electra", "distilbert", "mpnet")
"""The architectures whose tokenizer cuts words into pieces as BERT's does; others cut bytes."""


def make_network(folder: Path, architecture: str, **config: Any) -> Path:
    """Write a network and its tokenizer as transformers saves them.

    Parameters
    ----------
    folder : Path
        The folder to write, which is made.
    architecture : str
        A key of `CONFIGS`.
    config
        What differs from `CONFIGS`.

    Returns
    -------
    Path
        The folder.
    """
    import torch
    from transformers import AutoConfig, AutoModel

    tokenizer = make_tokenizer(architecture)
    ids = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("bos", "eos")}
    sizes = {**CONFIGS[architecture], "vocab_size": len(tokenizer), **ids, **config}
    sizes.setdefault("pad_token_id", tokenizer.pad_token_id)
    torch.manual_seed(SEED)
    network = AutoModel.from_config(AutoConfig.for_model(architecture, **sizes))
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def make_tokenizer(architecture: str) -> Any:
    """Return a fast tokenizer of transformers, trained on the texts of `mini`.

    The special tokens have the numbers that the architecture expects.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    pieces = architecture in WORD_PIECES
    special = ["[PAD]", UNKNOWN, "[CLS]", "[SEP]", "[MASK]"]
    if CONFIGS[architecture].get("pad_token_id") == 1:
        special[:2] = special[1::-1]
    if pieces:
        tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer: Any = trainers.WordPieceTrainer(
            vocab_size=600, special_tokens=special, show_progress=False
        )
    else:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=600,
            special_tokens=special,
            show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )
    texts = mini.load(None)
    tokenizer.train_from_iterator([*texts.documents, *texts.queries], trainer)
    ids = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ids)
    inputs = ["input_ids", "attention_mask"]
    if architecture in TYPED:
        inputs.append("token_type_ids")
    names = {f"{name[1:-1].lower()}_token": name for name in special}
    ends = {"bos_token": "[CLS]", "eos_token": "[SEP]"}
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=POSITIONS - 2,
        model_input_names=inputs,
        **names,
        **ends,
    )


def make_model(
    folder: Path,
    architecture: str = "bert",
    *,
    pooling: Mapping[str, Any] | None = None,
    further: Callable[[], Sequence[Any]] = tuple,
    **saved: Any,
) -> Path:
    """Write a model as sentence-transformers saves it.

    Parameters
    ----------
    folder : Path
        The folder to write; it is made, with the network's own folder beside it.
    architecture : str
        A key of `CONFIGS`.
    pooling : mapping, optional
        Arguments of `Pooling` other than the size.
    further : callable
        Returns the modules that follow pooling.
    saved
        Arguments of `SentenceTransformer`, such as prompts.

    Returns
    -------
    Path
        The folder.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    network = make_network(folder.with_name(f"{folder.name}-network"), architecture)
    transformer = Transformer(str(network), max_seq_length=LIMIT)
    made = [transformer, Pooling(SIZE, **(pooling or {})), *further()]
    model = SentenceTransformer(modules=made, device="cpu", **saved)
    model.save(str(folder), create_model_card=False)
    return folder


def edit_json(path: Path, **changed: Any) -> None:
    """Change entries of a JSON object in a file; None removes one."""
    content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    content.update(changed)
    kept = {key: value for key, value in content.items() if value is not None}
    path.write_text(json.dumps(kept, indent=1), encoding="utf-8")
