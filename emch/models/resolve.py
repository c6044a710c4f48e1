"""Which prepared model a user means: a name is not an identity, so the original is looked at."""

from pathlib import Path

from emch.cache import cache_dir
from emch.errors import InvalidInput, Unavailable
from emch.models.artifacts import model_folder, origin_of
from emch.models.manifest import read_manifest
from emch.models.source import MARK, Source, find_model, known_name


def resolve_model(model: str) -> str:
    """Return the key of the prepared model that a name, a folder, a Hub id or a key stands for.

    A folder is what it holds now: where its files have changed since, it is not prepared.

    Raises
    ------
    InvalidInput
        Several prepared models have the name, or the folder is no model.
    Unavailable
        The model is not prepared; the message names what is prepared under its name.
    """
    if name := known_name(model):
        return name  # there is one of it, and `prepare` has looked at its weights
    if Path(model).is_dir():
        return _of_source(find_model(model))
    if model_folder(model).is_dir() and MARK in model:
        return model
    return _of_name(model)


def _of_source(source: Source) -> str:
    manifest = read_manifest(model_folder(source.key) / "safetensors")
    if manifest is None or manifest.made_from != source.fingerprint:
        raise Unavailable(
            f"the model in {source.folder}, as it is now, is not prepared{_others(source.name)}: "
            f"run 'emch prepare --model {source.folder}'"
        )
    return source.key


def _of_name(model: str) -> str:
    """Find it by a name or a Hub id, without the Hub."""
    name = model.rsplit("/", 1)[-1]
    every = _prepared(name)
    if "/" in model:
        every = [key for key in every if origin_of(key) == f"Hub {model}"]
    keys = [key for key in every if _is_current(key)]
    if every and not keys:
        folder = (origin_of(every[-1]) or "").partition(" ")[2]
        raise Unavailable(
            f"the model '{model}' is not prepared as {folder} has it now{_others(name)}: "
            f"run 'emch prepare --model {folder}'"
        )
    if not keys:
        raise Unavailable(
            f"the model '{model}' is not prepared{_others(name)}: "
            f"run 'emch prepare --model {model}'"
        )
    if len(keys) > 1:
        raise InvalidInput(
            f"several models are prepared as '{model}': give one of {_with_origins(keys)}"
        )
    return keys[0]


def _is_current(key: str) -> bool:
    """Say whether the folder that a model was made from holds it still, or is gone."""
    kind, _, place = (origin_of(key) or "").partition(" ")
    return kind != "folder" or not Path(place).is_dir() or find_model(place).key == key


def _prepared(name: str) -> list[str]:
    folder = cache_dir() / "models"
    if not name or not folder.is_dir():
        return []
    every = sorted(path.name for path in folder.iterdir())
    return [key for key in every if key.rpartition(MARK)[0] == name]


def _others(name: str) -> str:
    keys = _prepared(name)
    return f" (prepared as '{name}' is {_with_origins(keys)})" if keys else ""


def _with_origins(keys: list[str]) -> str:
    return ", ".join(f"{key} from {origin_of(key)}" for key in keys)
