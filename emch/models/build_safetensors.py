"""Brings a model into the cache as its own library reads it: the artifact `safetensors`.

What the library had to work out (names of weights, parts of files, case, limits, modules) is plain
in it, so that every backend and every later step reads the same.
"""

import shutil
from pathlib import Path
from typing import Any

from emch.errors import InvalidInput
from emch.models import reference
from emch.models.extras import needs
from emch.models.layout import MODULES, WEIGHTS, Layout, read_json, read_layout, write_json
from emch.models.names import TOKENIZER_CONFIG, readable
from emch.models.original.load import load_original
from emch.models.original.transformers import load_network
from emch.models.probes import PROBES
from emch.models.settings import write_settings
from emch.models.tokenizer import write_tokenizer

COPIED = (".json", ".txt", ".model")
NAMED = 3
"""How many of several names a message has."""


def import_model(folder: Path, target: Path) -> dict[str, str]:
    """Fill `target` with the model in `folder`, flat and canonical, and with its reference.

    Raises
    ------
    InvalidInput
        The model is not whole, or emch cannot follow what its library does.
    Unavailable
        The library is not installed.
    """
    with needs("prepare"), readable(read_layout(folder)) as layout:
        return _import(layout, target)


def _import(layout: Layout, target: Path) -> dict[str, str]:
    original = load_original(layout)
    network, unexpected = load_network(layout.network)
    require_rows(original.tokenizer, network, layout)
    _copy_side_files(layout, target)
    _write_weights(network, layout.network, target)
    tokenizer = write_tokenizer(original.tokenizer, original.settings.max_tokens, target)
    _write_limit(original.settings.max_tokens, target)
    require_same_tokens(original, tokenizer, layout)
    write_settings(target, original.settings)
    reference.store(original, target)
    notes = [*original.notes, *_versions_note(layout)]
    if unexpected:
        some = ", ".join(unexpected[:NAMED])
        notes.append(f"{len(unexpected)} weights are of no use to it ({some}, ...)")
    return {"reference": original.maker, "notes": "; ".join(notes)}


def require_rows(tokenizer: Any, network: Any, layout: Layout) -> None:
    """Refuse a tokenizer that can give a token which the network has no embedding for."""
    rows = len(network.get_input_embeddings().weight)
    beyond = {token: number for token, number in tokenizer.get_vocab().items() if number >= rows}
    if beyond:
        token = min(beyond, key=lambda each: beyond[each])
        raise InvalidInput(
            f"{layout.network}: the token '{token}' has number {beyond[token]}, and the network "
            f"has embeddings for 0 to {rows - 1}: resize the embeddings, or remove the token"
        )


def require_same_tokens(original: Any, tokenizer: Any, layout: Layout) -> None:
    """Refuse a model whose library makes other tokens of a text than emch does."""
    for text in PROBES:
        found = original.tokenizer(text, truncation=True, max_length=original.settings.max_tokens)
        if found["input_ids"] != tokenizer.encode(text).ids:
            raise InvalidInput(
                f"{layout.network}: its own library makes other tokens of '{text:.40}' than emch: "
                "emch cannot measure it"
            )
        if any(found.get("token_type_ids", ())):
            raise InvalidInput(
                f"{layout.network}: its tokens are of several types, and emch has one type alone"
            )


def _copy_side_files(layout: Layout, target: Path) -> None:
    """Copy what is small, with the network in the root, wherever it is in the original."""
    places = {layout.root: target, layout.network: target}
    places |= {folder: target / folder.relative_to(layout.root) for folder in layout.modules}
    for folder, place in places.items():
        endings = COPIED if place == target else (*COPIED, ".safetensors")
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.suffix in endings and not path.name.endswith(".safetensors.index.json"):
                place.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place / path.name)
    if layout.network != layout.root:
        modules = read_json(layout.root / MODULES)
        modules[0]["path"] = ""
        write_json(target / MODULES, modules)


def _write_weights(network: Any, folder: Path, target: Path) -> None:
    """Copy the file of weights, or write it anew where the network's names or types differ."""
    from safetensors import safe_open
    from safetensors.torch import save_file

    path = folder / WEIGHTS
    # Without the pooler, which is not used, and whose numbers are random where it is missing.
    weights = {
        name: weight
        for name, weight in network.state_dict().items()
        if "pooler" not in name.split(".")
    }
    if path.is_file():
        with safe_open(path, "pt") as file:
            present = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118 - it is no mapping
        if weights.keys() <= present.keys() and {present[name] for name in weights} == {"F32"}:
            shutil.copyfile(path, target / WEIGHTS)
            return
    config = read_json(target / "config.json")
    # transformers 5 would save the names that they had, and copies keep what is shared apart.
    own = {name: weight.contiguous().clone() for name, weight in weights.items()}
    save_file(own, target / WEIGHTS, metadata={"format": "pt"})
    for key in {"dtype", "torch_dtype"} & config.keys():
        config[key] = "float32"
    write_json(target / "config.json", config)


def _write_limit(max_tokens: int, target: Path) -> None:
    """Write the limit wherever the libraries look for it."""
    for name, key in (
        (TOKENIZER_CONFIG, "model_max_length"),
        ("sentence_bert_config.json", "max_seq_length"),
    ):
        path = target / name
        content = read_json(path) if path.is_file() else {}
        if key in content or name == TOKENIZER_CONFIG:
            write_json(path, {**content, key: max_tokens})


def _versions_note(layout: Layout) -> list[str]:
    """Say where the model was saved by a later transformers than the one that reads it."""
    import transformers

    saved = str(read_json(layout.network / "config.json").get("transformers_version", ""))
    major = saved.partition(".")[0]
    if major.isdigit() and int(major) > int(transformers.__version__.partition(".")[0]):
        return [f"saved by transformers {saved}, and read by {transformers.__version__}"]
    return []
