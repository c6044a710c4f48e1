"""What a user means by MODEL: the file of a network, or a prepared model."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from emch.backends.registry import open_model, resolve_model_for
from emch.errors import InvalidInput
from emch.models.manifest import FileEntry, sha256_of

ENGINES = {".onnx": "onnxruntime", ".xml": "openvino"}
"""The files of networks, with the engine that is taken where none is named."""

DEFAULT_ENGINE = "onnxruntime"
FILES = ("model.onnx", "model.xml")
"""The files of networks in an artifact."""


@dataclass(frozen=True)
class Model:
    """A network that engines can load.

    Attributes
    ----------
    name : str
        As the user has named it.
    file : Path or None
        The user's file, which is read only; None for a prepared model.
    """

    name: str
    file: Path | None

    @property
    def default_engine(self) -> str:
        """The engine where the user names none."""
        return DEFAULT_ENGINE if self.file is None else ENGINES[self.file.suffix]

    def place(self, engine: str) -> tuple[Path | None, str]:
        """Return what an engine loads.

        Returns
        -------
        file : Path or None
            The file of the network; None where the engine loads an artifact in another way.
        key : str
            That of the prepared model; empty where the user has named a file.

        Raises
        ------
        Unavailable, BrokenArtifact, InvalidInput
            There is no such artifact; see `open_model` and `resolve_model_for`.
        """
        if self.file is not None:
            return self.file, ""
        key = resolve_model_for(engine, self.name)
        folder = open_model(engine, key).folder
        found = (folder / name for name in FILES if (folder / name).is_file())
        return next(found, None), key

    def artifact(self, engine: str) -> dict[str, str | int]:
        """Return what a record keeps of what an engine loads."""
        if self.file is None:
            return open_model(engine, resolve_model_for(engine, self.name)).to_dict()
        entry = fingerprint([self.file])[self.file.name]
        return {"kind": "file", **asdict(entry), "origin": str(self.file), "reference": ""}

    def folder(self, engine: str) -> Path:
        """Return the folder that has what an engine loads."""
        if self.file is not None:
            return self.file.parent
        return open_model(engine, resolve_model_for(engine, self.name)).folder


def find_model(name: str) -> Model:
    """Return the model that a user means.

    Parameters
    ----------
    name : str
        A file of a network; or a folder, name or Hub id of a prepared model.

    Raises
    ------
    InvalidInput
        There is no such file, or it is none of a network.
    """
    path = Path(name)
    if path.suffix in ENGINES:
        if not path.is_file():
            raise InvalidInput(f"there is no file {name}")
        return Model(name, path.absolute())
    if path.is_file():
        raise InvalidInput(
            f"{name} is no file of a network: their names end in {', '.join(ENGINES)}"
        )
    return Model(name, None)


def fingerprint(files: Iterable[Path]) -> dict[str, FileEntry]:
    """Return the sha256 and the size of some files, by their names."""
    return {path.name: FileEntry(sha256_of(path), path.stat().st_size) for path in files}
