"""How a model's folder is laid out: where its network is, and which modules follow it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emch.errors import InvalidInput

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
MODULES = "modules.json"
TOKENIZERS = (
    "tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model", "spiece.model",
    "sentencepiece.bpe.model",
)  # fmt: skip
"""The files that a tokenizer of transformers can be read from, one of which there must be."""

LIBRARY = "sentence_transformers."


@dataclass(frozen=True)
class Layout:
    """The folders of a model.

    Attributes
    ----------
    root : Path
        The model's folder.
    network : Path
        The folder of the transformer: the root itself, or `0_Transformer` of older models.
    modules : tuple of Path
        The folders of all other modules, in their order.
    pooling : tuple of Path
        Those of the modules that pool.
    has_modules : bool
        Whether the modules are listed in a modules.json; if not, there is a network alone.
    """

    root: Path
    network: Path
    modules: tuple[Path, ...] = ()
    pooling: tuple[Path, ...] = ()
    has_modules: bool = False


def read_layout(root: Path) -> Layout:
    """Read modules.json, where there is one.

    Raises
    ------
    InvalidInput
        It is broken, or it has modules whose code is not that of sentence-transformers.
    """
    path = root / MODULES
    if not path.is_file():
        return Layout(root, root)
    modules = read_json(path)
    if not isinstance(modules, list) or not modules:
        raise InvalidInput(f"{path}: expected a list of modules, found {modules!r:.60}")
    for module in modules:
        if not isinstance(module, dict) or not {"type", "path"} <= module.keys():
            raise InvalidInput(f"{path}: the module {module!r:.60} has no type or no path")
        if not str(module["type"]).startswith(LIBRARY):
            raise InvalidInput(
                f"{path}: the module '{module['type']}' is code from elsewhere, which emch "
                "does not run: use a model of sentence-transformers' own modules"
            )
    folders = [_inside(root, path, str(module["path"])) for module in modules]
    kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    pooling = [folder for kind, folder in zip(kinds, folders, strict=True) if kind == "Pooling"]
    return Layout(root, folders[0], tuple(folders[1:]), tuple(pooling), has_modules=True)


def _inside(root: Path, path: Path, name: str) -> Path:
    folder = (root / name).resolve()
    if not folder.is_relative_to(root.resolve()):
        raise InvalidInput(f"{path}: the path '{name}' leads out of the model's folder")
    return root / name if name else root


def require_files(layout: Layout) -> None:
    """Refuse a model that lacks a file which every backend needs.

    Raises
    ------
    InvalidInput
        There are no weights as safetensors, no configuration, no tokenizer, or no settings of
        the pooling that modules.json names.
    """
    if not any((layout.network / name).is_file() for name in (WEIGHTS, INDEX)):
        raise InvalidInput(
            f"{layout.network} has no {WEIGHTS}, whole or in parts with {INDEX}: "
            "emch loads safetensors only"
        )
    if not (layout.network / "config.json").is_file():
        raise InvalidInput(f"{layout.network} has no config.json: it says what the model is")
    if not any((layout.network / name).is_file() for name in TOKENIZERS):
        raise InvalidInput(
            f"{layout.network} has no tokenizer.json, nor another file of a tokenizer: save the "
            "tokenizer beside the network"
        )
    for folder in layout.pooling:
        if not (folder / "config.json").is_file():
            raise InvalidInput(f"{folder} has no config.json: it says how the model pools")
    for folder in layout.modules:
        if (folder / "pytorch_model.bin").is_file() and not (folder / WEIGHTS).is_file():
            raise InvalidInput(f"{folder} has no {WEIGHTS}: emch loads safetensors only")


def read_json(path: Path) -> Any:
    """Read a JSON file of a model; InvalidInput names one that is broken."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(f"{path}: not valid JSON ({error})") from error


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file of a model, as its libraries do."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
