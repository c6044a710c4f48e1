"""Brings the artifacts of a model into the cache."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from emch.cache import building, locked, replace_file
from emch.errors import EmchError, InvalidInput, Unavailable, in_words
from emch.models.artifacts import (
    ABSENT,
    KINDS,
    Artifact,
    model_folder,
    open_artifact,
)
from emch.models.manifest import find_fault, read_manifest, write_manifest
from emch.models.source import Source, require_weights

Outcome = Literal["kept", "built", "rebuilt"]


class Brought(NamedTuple):
    """The outcome for one kind: the artifact and how it came, or None and why there is none."""

    kind: str
    artifact: Artifact | None
    outcome: str


def prepare(
    source: Source,
    step: Callable[[str], None] = lambda _: None,
    others: Sequence[str] = (),
) -> Iterator[Brought]:
    """Bring every artifact of a model into the cache; what is whole already is kept.

    Parameters
    ----------
    source : Source
        The original files.
    step : callable
        Called with the kind of each artifact before it is checked or built.
    others : sequence of str
        The kinds to make too that are other models.

    Yields
    ------
    Brought
        The outcome of each kind in turn, as soon as it is there.

    Raises
    ------
    InvalidInput
        The weights are not what the model's name promises, or emch cannot follow the model.
    Unavailable
        The cache cannot be written, or a tool is missing for what is not optional.
    """
    require_weights(source)
    root = model_folder(source.key)
    with locked(root):
        absent: dict[str, str] = {}
        for name, kind in KINDS.items():
            if kind.another and name not in others:
                continue
            step(name)
            try:
                yield Brought(name, *_bring(name, root, source, absent))
            except (Unavailable, InvalidInput) as reason:
                # An optional kind may lack its tool, and only a vital one must fit the network.
                if kind.vital or not (kind.optional or isinstance(reason, InvalidInput)):
                    raise
                absent[name] = str(reason)
                yield Brought(name, None, str(reason))
        _write_absent(root, absent)


def _bring(
    name: str, root: Path, source: Source, absent: dict[str, str]
) -> tuple[Artifact, Outcome]:
    kind, folder = KINDS[name], root / name
    if kind.made_of in absent:
        raise InvalidInput(f"it is made of '{kind.made_of}', which is not here")
    manifest = read_manifest(folder)
    if (
        manifest
        and manifest.made_from == source.fingerprint
        and not find_fault(folder, manifest, thorough=True)
    ):
        return Artifact(name, folder, manifest), "kept"
    outcome: Outcome = "rebuilt" if folder.exists() else "built"
    with building(folder) as target:
        made_of = root / kind.made_of if kind.made_of else source.folder
        with _failing_as(name, source):
            details = kind.build(made_of, target)
        details = {"origin": source.origin, **_reference(root, kind.made_of), **details}
        write_manifest(target, made_from=source.fingerprint, details=details, tools=kind.tools)
    return open_artifact(source.key, name), outcome


def _reference(root: Path, made_of: str | None) -> dict[str, str]:
    """Return the library that made the reference, by the artifact that others are made of."""
    manifest = read_manifest(root / made_of) if made_of else None
    return {"reference": manifest.details.get("reference", "")} if manifest else {}


def _write_absent(root: Path, absent: dict[str, str]) -> None:
    path = root / ABSENT
    if absent:
        replace_file(path, json.dumps(absent, indent=1) + "\n")
    else:
        path.unlink(missing_ok=True)


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
            f"the artifact '{name}' could not be made from {source.folder}: {in_words(error)}"
        ) from error
