"""The artifacts of a model in the cache: which kinds there are, and opening one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from emch.cache import building, cache_dir, locked
from emch.errors import BrokenArtifact, Unavailable
from emch.models import build
from emch.models.build_ctranslate2 import convert_ctranslate2
from emch.models.build_fused import fuse_onnx, quantize_fused
from emch.models.build_gguf import convert_f16, convert_q8
from emch.models.build_mnn import convert_mnn
from emch.models.build_model2vec import distil
from emch.models.build_onnx import export_onnx, quantize_onnx
from emch.models.build_openvino import convert_genai, quantize_openvino
from emch.models.build_safetensors import import_model
from emch.models.manifest import Manifest, find_fault, read_manifest, write_manifest
from emch.models.source import DEFAULT_MODEL

_TORCH_TOOLS = ("torch", "transformers", "safetensors")
_LIBRARY_TOOLS = (*_TORCH_TOOLS, "sentence-transformers", "tokenizers")
_ONNX_TOOLS = (*_TORCH_TOOLS, "onnx")
_QUANTIZE_TOOLS = (*_ONNX_TOOLS, "onnxruntime")

ABSENT = "absent.json"
"""A file in a model's folder: the reasons why artifacts are missing, by kind."""


@dataclass(frozen=True)
class Kind:
    """A kind of artifact.

    Attributes
    ----------
    made_of : str or None
        The kind that it is built from; None if it is made of the original files.
    build : callable
        Takes the folder it is made of and an empty one to fill; returns details for the manifest.
    tools : tuple of str
        The distributions whose versions go into the manifest.
    optional : bool
        Whether its tools may be missing.
    vital : bool
        Whether no backend can use a model for which it cannot be made.
    another : bool
        Whether it is another model than what it is made of, so that the answers of neither are
        those of the other; it is made when it is asked for, which may take minutes.
    """

    made_of: str | None
    build: Callable[[Path, Path], dict[str, str]]
    tools: tuple[str, ...]
    optional: bool = False
    vital: bool = False
    another: bool = False


KINDS = {
    "safetensors": Kind(None, import_model, _LIBRARY_TOOLS, vital=True),
    "reference": Kind("safetensors", build.write_reference, _TORCH_TOOLS, vital=True),
    "onnx": Kind("safetensors", export_onnx, _ONNX_TOOLS),
    "onnx-int8": Kind("onnx", quantize_onnx, _QUANTIZE_TOOLS),
    "onnx-fused": Kind("onnx", fuse_onnx, _QUANTIZE_TOOLS, optional=True),
    "onnx-fused-int8": Kind("onnx-fused", quantize_fused, _QUANTIZE_TOOLS, optional=True),
    "openvino-int8": Kind("onnx", quantize_openvino, ("openvino", "nncf"), optional=True),
    "openvino-genai": Kind(
        "onnx", convert_genai, ("openvino", "openvino-genai", "openvino-tokenizers"), optional=True
    ),
    "mnn": Kind("onnx", convert_mnn, (*_ONNX_TOOLS, "mnn"), optional=True),
    "gguf-f16": Kind("safetensors", convert_f16, ("gguf",), optional=True),
    "gguf-q8": Kind("safetensors", convert_q8, ("gguf",), optional=True),
    "model2vec": Kind("safetensors", distil, ("model2vec",), optional=True, another=True),
    "ctranslate2": Kind(
        "safetensors", convert_ctranslate2, (*_TORCH_TOOLS, "ctranslate2"), optional=True
    ),
}
"""In the order of building: what no backend can do without comes first."""


@dataclass(frozen=True)
class Artifact:
    """An artifact that is there and whole.

    Attributes
    ----------
    kind : str
        A key of `KINDS`, or the backend's own word for what it brings.
    folder : Path
        Where its files are; read-only for everybody but `emch prepare`.
    manifest : Manifest
        What it is and what made it.
    own : bool
        Whether there is no reference for it: a backend brings it, or it is another model than
        the one that it was made of.
    """

    kind: str
    folder: Path
    manifest: Manifest
    own: bool = False

    @property
    def sha256(self) -> str:
        """The checksum of its main file, the largest."""
        return max(self.manifest.files.values(), key=lambda entry: entry.size).sha256

    @property
    def size(self) -> int:
        """The bytes of all its files."""
        return sum(entry.size for entry in self.manifest.files.values())

    def to_dict(self) -> dict[str, str | int]:
        """Return what a record keeps of it."""
        return {
            "kind": self.kind,
            "sha256": self.sha256,
            "size": self.size,
            "origin": self.manifest.details.get("origin", ""),
            "reference": self.manifest.details.get("reference", ""),
        }


def model_folder(model: str) -> Path:
    """Return where the artifacts of a model are kept, by its key."""
    return cache_dir() / "models" / model


def open_artifact(model: str, kind: str, *, thorough: bool = False) -> Artifact:
    """Open an artifact that `prepare` made, if it is whole.

    Parameters
    ----------
    model, kind : str
        The model's key in the cache and a key of `KINDS`.
    thorough : bool
        Compare checksums, as is done before anything is measured; otherwise names and sizes.

    Raises
    ------
    Unavailable
        The artifact was never made, or cannot be made.
    BrokenArtifact
        A file of the artifact is not what the manifest says.
    """
    folder = model_folder(model) / kind
    manifest = read_manifest(folder)
    if manifest is None:
        if reason := read_absent(model).get(kind):
            raise Unavailable(f"there is no artifact '{kind}' of {model}: {reason}")
        raise Unavailable(
            f"the artifact '{kind}' of {model} is not in {cache_dir()}: {_remedy(model, kind)}"
        )
    if fault := find_fault(folder, manifest, thorough=thorough):
        raise BrokenArtifact(f"the artifact {folder} is broken, {fault}: {_remedy(model, kind)}")
    return Artifact(kind, folder, manifest, own=KINDS[kind].another)


def keep_own(kind: str, version: str, write: Callable[[Path], Mapping[str, str]]) -> Artifact:
    """Open the model that a backend brings; it is written into the cache if it is not there.

    Parameters
    ----------
    kind, version : str
        The backend's word for it; another version is written anew.
    write : callable
        Fills an empty folder; returns details for the manifest.
    """
    root = cache_dir() / "own" / kind
    folder = root / version
    with locked(root):
        manifest = read_manifest(folder)
        if manifest is None or find_fault(folder, manifest, thorough=True):
            with building(folder) as target:
                manifest = write_manifest(
                    target, made_from=version, details=write(target), tools=()
                )
    return Artifact(kind, folder, manifest, own=True)


def origin_of(model: str) -> str | None:
    """Return where a prepared model came from, in the words of `Source.origin`; None if unknown."""
    manifests = (read_manifest(model_folder(model) / kind) for kind in KINDS)
    return next((each.details.get("origin") for each in manifests if each), None)


def _remedy(model: str, kind: str) -> str:
    command = "emch prepare"
    if model != DEFAULT_MODEL:
        _, _, place = (origin_of(model) or "").partition(" ")
        command += f" --model {place or model}"
    return f"run '{command}{' --distil' if KINDS[kind].another else ''}'"


def read_absent(model: str) -> dict[str, str]:
    """Return why artifacts of a model could not be made, by kind."""
    path = model_folder(model) / ABSENT
    if not path.is_file():
        return {}
    reasons: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return reasons
