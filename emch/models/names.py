"""Classes that the installed libraries know under another name than a model's files have.

A model that a later release saved names classes by where they are in that release. What is the
same class here is read by its name here; nothing else of the model changes.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from emch.errors import EmchError
from emch.models.layout import MODULES, Layout, read_json, read_layout, write_json

TOKENIZER_CONFIG = "tokenizer_config.json"
NEW_TOKENIZER, OLD_TOKENIZER = "TokenizersBackend", "PreTrainedTokenizerFast"
"""A fast tokenizer, by the name that transformers 5 has for it, and by the one that all know."""

OLD_PLACE = "sentence_transformers.models"
"""Where every release of sentence-transformers has its modules, among other places."""


@contextmanager
def readable(layout: Layout) -> Iterator[Layout]:
    """Yield a model as the installed libraries can read it: itself, or a view with other names.

    The view is a folder of links, which is gone after the block.
    """
    renamed = _renamed(layout)
    if not renamed:
        yield layout
        return
    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        view = Path(folder) / layout.root.name
        shutil.copytree(layout.root, view, copy_function=_link)
        for path, content in renamed.items():
            place = view / path.relative_to(layout.root)
            place.unlink()
            write_json(place, content)
        try:
            yield read_layout(view)
        except (
            EmchError
        ) as error:  # its message names the view, a folder that the user does not know
            raise type(error)(str(error).replace(str(view), str(layout.root))) from error


def _link(source: str, target: str) -> None:
    Path(target).symlink_to(Path(source).resolve())


def _renamed(layout: Layout) -> Mapping[Path, Any]:
    """Return the new content of each file that has a name which is not known here."""
    found: dict[Path, Any] = {}
    path = layout.root / MODULES
    if layout.has_modules:
        modules = read_json(path)
        named = [{**module, "type": _known_place(module["type"])} for module in modules]
        if named != modules:
            found[path] = named
    path = layout.network / TOKENIZER_CONFIG
    config = read_json(path) if path.is_file() else {}
    if config.get("tokenizer_class") == NEW_TOKENIZER and not _has_new_tokenizer():
        found[path] = {**config, "tokenizer_class": OLD_TOKENIZER}
    return found


def _known_place(name: str) -> str:
    module, _, attribute = name.rpartition(".")
    try:
        known = find_spec(module) is not None
    except ImportError:  # a package around it is not there either
        known = False
    return name if known else f"{OLD_PLACE}.{attribute}"


def _has_new_tokenizer() -> bool:
    import transformers

    return hasattr(transformers, NEW_TOKENIZER)
