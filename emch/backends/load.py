"""Loads a backend by its name, and puts what engines say of a failure in our kinds of errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from emch.backends.base import (
    DEVICES,
    Backend,
    Network,
    Options,
    Session,
    TextSession,
    require_honoured,
)
from emch.backends.registry import make_options, require_available
from emch.errors import (
    BrokenArtifact,
    BrokenEngine,
    EmchError,
    InvalidInput,
    LoadFailed,
    OptionNotHonoured,
    Unavailable,
    in_words,
)
from emch.models.artifacts import Artifact
from emch.models.manifest import find_fault


def load_session(name: str, artifact: Artifact, options: Options) -> Session | TextSession:
    """Load a backend.

    Raises
    ------
    Unavailable
        Its engine is missing, or it has no such device.
    BrokenEngine
        Its engine is installed and cannot be imported.
    BrokenArtifact
        The artifact is damaged.
    LoadFailed
        The engine refuses an artifact that is whole; its own words are kept.
    OptionNotHonoured
        The engine does not use what `options` ask for.
    """
    backend, options = require_options(name, options)
    try:
        with _loading(name, artifact.folder):
            session = backend.load(artifact.folder, options)
    except LoadFailed as failed:
        if fault := find_fault(artifact.folder, artifact.manifest, thorough=True):
            raise BrokenArtifact(f"{failed}, since {fault}: run 'emch prepare'") from failed
        raise LoadFailed(
            f"{failed}, and the artifact is whole: take another backend, or another release of it"
        ) from failed
    require_honoured(session.info, options, backend.precision)
    return session


def load_network(name: str, path: Path, options: Options) -> Network:
    """Load any network from a file that the engine of a backend reads.

    It computes in the precision that the file and the engine have, which `Network.info` says.

    Raises
    ------
    InvalidInput
        There is no such file.
    Unavailable
        Its engine is missing, has no such device, or reads no such file.
    BrokenEngine
        Its engine is installed and cannot be imported.
    LoadFailed
        The engine refuses the file; its own words are kept.
    OptionNotHonoured
        The engine does not use what `options` ask for.
    """
    backend, options = require_options(name, options, of_network=True)
    if not path.is_file():
        raise InvalidInput(f"no file {path}: give that of a network")
    if backend.files is not None and path.suffix not in backend.files:
        known = f"files that end in {', '.join(backend.files)}" if backend.files else "no file"
        raise Unavailable(f"the backend '{name}' reads {known}, and not {path.name}: take another")
    with _loading(name, path):
        network = backend.load_network(path, options)
    require_honoured(network.info, options, network.info.precision)
    return network


def require_options(
    name: str, options: Options, *, of_network: bool = False
) -> tuple[type[Backend], Options]:
    """Refuse what a backend has no code for; return it, and the options as its own."""
    backend = require_available(name)
    if options.device not in DEVICES:
        raise InvalidInput(f"unknown device '{options.device}'; known are: {', '.join(DEVICES)}")
    if options.device not in backend.devices:
        raise Unavailable(
            f"the backend '{name}' has no device '{options.device}', "
            f"it has: {', '.join(backend.devices)}"
        )
    has_streams = backend.has_streams or (of_network and backend.network_streams)
    if options.streams != 1 and not has_streams:
        raise OptionNotHonoured(
            f"the backend '{name}' has no streams: {options.streams} was asked for"
        )
    return backend, make_options(name, **asdict(options))


@contextmanager
def _loading(name: str, what: Path) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise BrokenEngine(f"the backend '{name}' cannot be imported: {error}") from error
    except EmchError:
        raise
    except Exception as error:  # every engine raises its own types
        raise LoadFailed(
            f"the backend '{name}' could not load {what} ({in_words(error)})"
        ) from error
