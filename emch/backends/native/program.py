"""A backend that is a program of its own, in any language.

It does a whole task: `emch.runners` hands it a job file and reads its result file, whose layout is
in docs/native-runners.md. There is no session of it in this process.
"""

import json
import shutil
import subprocess
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from emch.backends.base import Backend, Options, SessionInfo, require_honoured
from emch.cache import building, cache_dir, locked
from emch.errors import Unavailable

DESCRIBE_S = 30.0
"""How long a program may take to describe itself."""

DESCRIPTION = "description.json"

NATIVE_EXTRA = "native"
NATIVE = ("jsonschema>=4.20",)
"""The extra, and its requirements, of a program that needs no package of Python: what
`emch doctor --runner` holds it against the contract with."""


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a program says of itself when it is called with `--describe`.

    Attributes
    ----------
    contract : int
        The version of the contract that it keeps.
    name, version : str
        Its own.
    tasks, poolings, backends : tuple of str
        What it has code for, by emch's names.
    libraries : mapping of str to str
        What it was built with, and the versions.
    """

    contract: int
    name: str
    version: str
    tasks: tuple[str, ...]
    poolings: tuple[str, ...]
    backends: tuple[str, ...]
    libraries: Mapping[str, str]

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Description":
        """Read what a program prints; fields that this emch does not know are left out."""
        lists = {name: tuple(map(str, found[name])) for name in ("tasks", "poolings", "backends")}
        return cls(
            contract=int(found["contract"]),
            name=str(found["name"]),
            version=str(found["version"]),
            libraries={str(name): str(version) for name, version in found["libraries"].items()},
            **lists,
        )

    def __str__(self) -> str:
        """Return it in one line, for people."""
        return ", ".join(
            [
                f"{self.name} {self.version}",
                *(f"{one} {two}" for one, two in self.libraries.items()),
            ]
        )


def describe(program: Path) -> Description:
    """Ask a program what it is.

    Raises
    ------
    Unavailable
        It cannot be started, or prints no description.
    """
    try:
        done = subprocess.run(
            [program, "--describe"], capture_output=True, timeout=DESCRIBE_S, check=True
        )
        return Description.from_dict(json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"the program {program} does not describe itself: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable(
            f"what {program} --describe prints is no description of a runner "
            f"({type(error).__name__}: {error}): see docs/native-runners.md"
        ) from error


def install(program: Path, name: str) -> Description:
    """Keep a program that was built in the cache, with its description, in place of an older one.

    Raises
    ------
    Unavailable
        It does not describe itself.
    """
    found = describe(program)
    folder = cache_dir() / "native" / name
    with locked(folder.parent):
        shutil.rmtree(folder, ignore_errors=True)
        with building(folder) as target:
            shutil.copy2(program, target / name)
            text = json.dumps({**vars(found), "libraries": dict(found.libraries)})
            (target / DESCRIPTION).write_text(text + "\n", encoding="utf-8")
    return found


class Program(Backend):
    """A backend that is a program of its own.

    Attributes
    ----------
    program : str
        Its name, as `make native` installs it.
    language : str
        What builds it: the command that must be there.
    """

    program: ClassVar[str]
    language: ClassVar[str]

    @classmethod
    def folder(cls) -> Path:
        """Return where it is installed."""
        return cache_dir() / "native" / cls.program

    @classmethod
    def find(cls) -> Path:
        """Return the program's path; `unavailable` says whether it is there."""
        return cls.folder() / cls.program

    @classmethod
    def built(cls) -> Description | None:
        """Return what it said of itself when it was installed; None where it is not."""
        path = cls.folder() / DESCRIPTION
        if not path.is_file():
            return None
        return Description.from_dict(json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def unavailable(cls) -> str | None:
        """See `Backend.unavailable`; the program must have been built too."""
        if reason := super().unavailable():
            return reason
        if cls.built() is None:
            return (
                f"the program {cls.program} is not built: run 'make native' in a checkout of emch, "
                f"which needs {cls.language}"
            )
        try:
            libraries = cls.libraries()
        except Unavailable as missing:
            return str(missing)
        for library in libraries.values():
            if not Path(library).is_file():
                return (
                    f"the library {library} is not there: run 'make native' in a checkout of emch"
                )
        return None

    @classmethod
    @abstractmethod
    def libraries(cls) -> dict[str, str]:
        """Return the shared libraries that the program loads, by the contract's names, as paths.

        Raises
        ------
        Unavailable
            One of them is not where its package has it.
        """

    @classmethod
    def import_engine(cls) -> None:
        """Import nothing: the engine is in the program."""

    @classmethod
    def load(cls, folder: Path, options: Any) -> Any:  # noqa: ARG003 - there is nothing to load
        """Raise `Unavailable`: nothing of it can be loaded in this process."""
        raise Unavailable(
            f"the backend '{cls.name}' is a program of its own, of which there is no session here: "
            "'emch run' and the figures of whole processes measure it"
        )

    @classmethod
    def require_honoured(cls, session: Mapping[str, Any], options: Options) -> None:
        """Hold what the program says that it used against what was asked for.

        Raises
        ------
        OptionNotHonoured
            They differ.
        """
        require_honoured(_Said(session), options, cls.precision)


class _Said(SessionInfo):
    """A session's account of itself that came as JSON, with whatever fields it has."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        for name, value in found.items():
            object.__setattr__(self, name, value)
