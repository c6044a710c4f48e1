"""The artifacts of a model in the cache: which there are, building them, opening them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from emch.cache import building, cache_dir, locked
from emch.errors import BrokenArtifact, EmchError, InvalidInput, Unavailable
from emch.models import build
from emch.models.build_ctranslate2 import convert_ctranslate2
from emch.models.build_fused import fuse_onnx, quantize_fused
from emch.models.build_openvino import quantize_openvino
from emch.models.manifest import Manifest, find_fault, read_manifest, write_manifest
from emch.models.source import DEFAULT_MODEL, WEIGHTS, Source

_TORCH_TOOLS = ("torch", "transformers", "safetensors")
_ONNX_TOOLS = (*_TORCH_TOOLS, "optimum", "optimum-onnx", "onnx")
_QUANTIZE_TOOLS = (*_ONNX_TOOLS, "onnxruntime")


@dataclass(frozen=True)
class Kind:
    """A kind of artifact.

    Attributes
    ----------
    made_of : str or None
        The kind it is built from; None for the copy of the original.
    build : callable
        Takes the folder it is made of and an empty one to fill; returns details for the manifest.
    tools : tuple of str
        The distributions whose versions go into the manifest.
    optional : bool
        Whether the model is of use without it, so that its tools may be missing.
    """

    made_of: str | None
    build: Callable[[Path, Path], dict[str, str]]
    tools: tuple[str, ...]
    optional: bool = False


def _copy(source: Path, target: Path) -> dict[str, str]:
    build.copy_source(source, target)
    return {}


KINDS = {
    "safetensors": Kind(None, _copy, ()),
    "onnx": Kind("safetensors", build.export_onnx, _ONNX_TOOLS),
    "onnx-int8": Kind("onnx", build.quantize_onnx, _QUANTIZE_TOOLS),
    "reference": Kind("safetensors", build.write_reference, _TORCH_TOOLS),
    "onnx-fused": Kind("onnx", fuse_onnx, _QUANTIZE_TOOLS, optional=True),
    "onnx-fused-int8": Kind("onnx-fused", quantize_fused, _QUANTIZE_TOOLS, optional=True),
    "openvino-int8": Kind("onnx", quantize_openvino, ("openvino", "nncf"), optional=True),
    "ctranslate2": Kind(
        "safetensors", convert_ctranslate2, (*_TORCH_TOOLS, "ctranslate2"), optional=True
    ),
}
"""In the order of building: what no backend can do without comes first."""

Outcome = Literal["kept", "built", "rebuilt"]


@dataclass(frozen=True)
class Artifact:
    """An artifact that is there and whole.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    folder : Path
        Where its files are; read-only for everybody but `emch prepare`.
    manifest : Manifest
        What it is and what made it.
    """

    kind: str
    folder: Path
    manifest: Manifest

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
        return {"kind": self.kind, "sha256": self.sha256, "size": self.size}


def model_folder(name: str) -> Path:
    """Return where the artifacts of a model are kept."""
    return cache_dir() / "models" / name


def prepare(
    source: Source, step: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[str, Artifact | None, str]]:
    """Bring every artifact of a model into the cache; what is whole already is kept.

    Parameters
    ----------
    source : Source
        The original files.
    step : callable
        Told the kind of each artifact before it is checked or built.

    Yields
    ------
    tuple of str, Artifact or None, and str
        The kind; the artifact as soon as it is there; and "kept", "built", "rebuilt", or why there
        is none.

    Raises
    ------
    InvalidInput
        The weights are not what the model's name promises, or another model has the name.
    Unavailable
        The cache cannot be written, or a tool is missing for what is not optional.
    """
    hashes = build.hash_source(source.folder)
    _check_weights(source, hashes[WEIGHTS])
    made_from = build.fingerprint(hashes)
    root = model_folder(source.name)
    with locked(root):
        _check_name(source, root, made_from)
        for name, kind in KINDS.items():
            step(name)
            try:
                yield (name, *_bring(name, root, source, made_from))
            except (Unavailable, InvalidInput) as reason:  # no tool; or it knows no such network
                if not kind.optional:
                    raise
                yield name, None, str(reason)


def _check_weights(source: Source, sha256: str) -> None:
    """Refuse weights that are not what the model's name promises, where it promises any."""
    if source.sha256 not in (None, sha256):
        raise InvalidInput(
            f"{source.folder / WEIGHTS} is not {source.name}: "
            f"its sha256 is {sha256}, not {source.sha256}"
        )


def _check_name(source: Source, root: Path, made_from: str) -> None:
    """Refuse to put one model in the place of another that happens to have its name."""
    if source.sha256:
        return  # there is only one of that name
    for manifest in filter(None, (read_manifest(root / name) for name in KINDS)):
        origin = manifest.details.get("origin")
        if manifest.made_from != made_from and origin != source.origin:
            raise InvalidInput(
                f"another model is prepared as '{source.name}', from {origin}: "
                f"rename {source.folder}, or remove {root}"
            )


def _bring(name: str, root: Path, source: Source, made_from: str) -> tuple[Artifact, Outcome]:
    kind, folder = KINDS[name], root / name
    manifest = read_manifest(folder)
    if (
        manifest
        and manifest.made_from == made_from
        and not find_fault(folder, manifest, thorough=True)
    ):
        return Artifact(name, folder, manifest), "kept"
    outcome: Outcome = "rebuilt" if folder.exists() else "built"
    if kind.made_of and not (root / kind.made_of).is_dir():
        raise Unavailable(f"it is made of '{kind.made_of}', which is not here")
    with building(folder) as target:
        made_of = root / kind.made_of if kind.made_of else source.folder
        with _failing_as(name, source):
            details = kind.build(made_of, target)
        details = {"origin": source.origin, **details}
        write_manifest(target, made_from=made_from, details=details, tools=kind.tools)
    return open_artifact(source.name, name), outcome


@contextmanager
def _failing_as(name: str, source: Source) -> Iterator[None]:
    """Say what could not be built, whatever the exporting library raised."""
    try:
        yield
    except EmchError:
        raise
    except Exception as error:  # every exporter raises its own types
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the system: the disk is full, say; transformers raises others, without one
        raise InvalidInput(
            f"the artifact '{name}' could not be made from {source.folder}: "
            f"{type(error).__name__}: {error}".splitlines()[0]
        ) from error


def open_artifact(model: str, name: str, *, thorough: bool = False) -> Artifact:
    """Open an artifact that `prepare` made, if it is whole.

    Parameters
    ----------
    model, name : str
        The model's short name and a key of `KINDS`.
    thorough : bool
        Compare checksums, as is done before anything is measured; otherwise names and sizes.

    Raises
    ------
    Unavailable
        It was never made.
    BrokenArtifact
        A file of it is not what the manifest says.
    """
    folder = model_folder(model) / name
    manifest = read_manifest(folder)
    remedy = f"run 'emch prepare{'' if model == DEFAULT_MODEL else ' --model ' + model}'"
    if manifest is None:
        raise Unavailable(f"the artifact '{name}' of {model} is not in {cache_dir()}: {remedy}")
    if fault := find_fault(folder, manifest, thorough=thorough):
        raise BrokenArtifact(f"the artifact {folder} is broken, {fault}: {remedy}")
    return Artifact(name, folder, manifest)
