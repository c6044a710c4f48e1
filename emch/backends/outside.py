"""Backends that are no part of emch: by the entry points of other packages, or by their class."""

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from inspect import isabstract

from emch.backends.base import Backend
from emch.errors import BrokenEngine, InvalidInput, in_words

GROUP = "emch.backends"
"""The entry point group in which another package names its backends."""


@cache
def named_outside() -> dict[str, str]:
    """Return `package.module:Class` of the backends of other packages, by the names of these."""
    return {point.name: point.value for point in entry_points(group=GROUP)}


def find_outside(place: str) -> type[Backend]:
    """Import a backend that is no part of emch.

    Parameters
    ----------
    place : str
        `package.module:Class`.

    Raises
    ------
    InvalidInput
        There is no such module or class, or it is no backend.
    BrokenEngine
        The module is there and cannot be imported.
    """
    module, _, attribute = place.partition(":")
    if not all(name.isidentifier() for name in (*module.split("."), attribute)):
        raise InvalidInput(f"'{place}' is no backend: give it as package.module:Class")
    try:
        found = getattr(import_module(module), attribute, None)
    except ModuleNotFoundError as error:
        if not f"{module}.".startswith(f"{error.name}."):  # it is another one, which that needs
            raise BrokenEngine(f"the backend '{place}' cannot be imported: {error}") from error
        raise InvalidInput(
            f"the backend '{place}' is not here ({error}): correct its name, or install its package"
        ) from error
    except Exception as error:  # a module from outside raises what it likes
        raise BrokenEngine(
            f"the backend '{place}' cannot be imported ({in_words(error)})"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Backend)) or isabstract(found):
        raise InvalidInput(
            f"'{place}' is no backend: '{attribute}' in {module} must be a class that inherits "
            "from emch.backends.base.Backend and has its 'load'"
        )
    return found
