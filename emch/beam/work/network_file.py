"""The networks of Beam's benchmarks, as files that an engine loads; made once, kept in the cache.

The weights are those of a folder, or of the Hub where it can be reached; else random ones of a
seed, with which the speed is right and the answers mean nothing.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from emch.backends.registry import require_available
from emch.beam.asked import SEED, Asked
from emch.beam.work.architectures import BERT, RESNET, make_classifier, make_masked, write_probe
from emch.cache import building, cache_dir, locked
from emch.errors import InvalidInput, Unavailable
from emch.models.manifest import FileEntry, sha256_of
from emch.models.network_files import Made, write_exported, write_onnx
from emch.models.source import download

IMAGE = "image-classification"
WORDS = "language-modeling"
PROBE = "probe.npz"
RANDOM = "random weights"
RECIPE = 1
"""Raised when what is made out of the same weights changes."""

HUB = {
    "resnet101": "timm/resnet101.tv_in1k",
    "resnet152": "timm/resnet152.tv_in1k",
    "bert-base-uncased": "google-bert/bert-base-uncased",
    "bert-large-uncased": "google-bert/bert-large-uncased",
}
"""Where the weights are on the Hub; those of ResNet are torchvision's as safetensors."""

MODELS = {IMAGE: RESNET, WORDS: tuple(BERT)}
WRITERS: Mapping[str, Callable[[Made, Path], None]] = {".pt2": write_exported, ".onnx": write_onnx}


@dataclass(frozen=True)
class NetworkFile:
    """A network in the cache.

    Attributes
    ----------
    file : Path
        What an engine loads.
    name : str
        What figures call it: with random weights it says so.
    origin : str
        Where its weights are from.
    """

    file: Path
    name: str
    origin: str

    @property
    def folder(self) -> Path:
        """The folder of the file; the tokenizer, where there is one, is beside it."""
        return self.file.parent

    def probe(self) -> tuple[dict[str, Any], Any]:
        """Return inputs by their names, and the logits that PyTorch itself gives for them."""
        with np.load(self.folder / PROBE) as found:
            arrays = dict(found)
        return arrays, arrays.pop("logits")

    def artifact(self) -> dict[str, str | int]:
        """Return what a record keeps of it."""
        entry = FileEntry(sha256_of(self.file), self.file.stat().st_size)
        return {"kind": "file", **asdict(entry), "origin": self.origin, "reference": "PyTorch"}


def network_file(asked: Asked) -> NetworkFile:
    """Return the file of a network, made now where it is not in the cache.

    Raises
    ------
    InvalidInput
        The folder has no network of this kind, or its weights are not those of the architecture.
    Unavailable
        The model is neither known nor in a folder nor on the Hub, the engine is not installed, or
        it reads no such file.
    """
    ending = _ending(asked.backend)
    folder, origin = _find_weights(asked)
    name = Path(asked.model).name
    made_from = "random" if folder is None else _fingerprint(folder)
    words = (RECIPE, asked.task, name, made_from, version("torch"), ending)
    key = hashlib.sha256(json.dumps(words).encode()).hexdigest()[:12]
    target = cache_dir() / "networks" / f"{name}~{key}"
    shown = f"{name} ({RANDOM})" if folder is None else name
    found = NetworkFile(target / f"network{ending}", shown, origin)
    with locked(target.parent):
        if not found.file.is_file():
            with building(target) as unfinished:
                if asked.task == IMAGE:
                    made = make_classifier(asked.model, folder)
                else:
                    made = make_masked(asked.model, folder, unfinished)
                WRITERS[ending](made, unfinished / found.file.name)
                write_probe(made, unfinished / PROBE)
    return found


def _ending(backend: str) -> str:
    """Return the ending of the files that a backend loads, of those that can be made."""
    files = require_available(backend).files
    for ending in WRITERS:
        if files is not None and ending in files:
            return ending
    raise Unavailable(
        f"the backend '{backend}' loads no file of any network: take pytorch, onnxruntime or "
        "openvino"
    )


def _find_weights(asked: Asked) -> tuple[Path | None, str]:
    """Return the folder of the weights, None for random ones, and where they are from."""
    known = MODELS[asked.task]
    if asked.model in known:
        folder = None if asked.random_weights else _from_hub(HUB[asked.model])
        if folder is None:
            return None, f"{RANDOM}, seed {SEED}"
        return folder, f"Hub {HUB[asked.model]}"
    if Path(asked.model).is_dir():
        return Path(asked.model), f"folder {asked.model}"
    folder = _from_hub(asked.model) if asked.model.count("/") == 1 else None
    if folder is None:
        raise Unavailable(
            f"the model '{asked.model}' is neither one of {', '.join(known)} nor a folder, and the "
            "Hub did not give it"
        )
    return folder, f"Hub {asked.model}"


def _from_hub(hub_id: str) -> Path | None:
    """Return the folder of a model of the Hub, or None where that does not give it."""
    try:
        return download(hub_id, "give the folder of the model")
    except (InvalidInput, Unavailable):
        return None


def _fingerprint(folder: Path) -> str:
    files = sorted(path for path in folder.iterdir() if path.suffix in {".json", ".safetensors"})
    if not any(path.suffix == ".safetensors" for path in files):
        raise InvalidInput(f"{folder} has no weights as safetensors, which emch loads alone")
    return " ".join(f"{path.name} {sha256_of(path)}" for path in files)
