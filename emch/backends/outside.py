"""Backends that are no part of emch: by entry points, by their class, or as a function."""

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from inspect import isabstract

from emch.backends.base import Backend
from emch.backends.callables import as_backend
from emch.errors import BrokenEngine, InvalidInput, in_words
from emch.models.agreement import COSINE_LIMITS
from emch.models.artifacts import KINDS

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
        `package.module:Class`; or `package.module:function`, which takes texts and returns an
        array.

    Raises
    ------
    InvalidInput
        There is no such module or class, or it is no backend, or does not declare all of itself.
    BrokenEngine
        The module is there and cannot be imported.
    """
    module, _, attribute = place.partition(":")
    if not all(name.isidentifier() for name in (*module.split("."), attribute)):
        raise InvalidInput(
            f"'{place}' is no backend: give it as package.module:Class or package.module:function"
        )
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
    if callable(found) and not isinstance(found, type):
        return as_backend(place, found)
    if not (isinstance(found, type) and issubclass(found, Backend)) or isabstract(found):
        raise InvalidInput(
            f"'{place}' is no backend: '{attribute}' in {module} must be a class that inherits "
            "from emch.backends.base.Backend and has its 'load', or a function of texts"
        )
    _require_declared(place, found)
    return found


def _require_declared(place: str, backend: type[Backend]) -> None:
    """Refuse a class that does not say of itself what emch has to know."""
    for what in ("artifact", "precision", "modules"):
        if not hasattr(backend, what):
            raise InvalidInput(f"the backend '{place}' does not declare its '{what}': add it")
    if backend.precision not in COSINE_LIMITS:
        raise InvalidInput(
            f"the backend '{place}' has the precision '{backend.precision}', for which emch has no "
            f"limit: it has those of {', '.join(COSINE_LIMITS)}"
        )
    brings = backend.own_model.__func__ is not Backend.own_model.__func__  # type: ignore[attr-defined] # a bound class method has it
    if not brings and backend.artifact not in KINDS:
        raise InvalidInput(
            f"the backend '{place}' loads the artifact '{backend.artifact}', which emch does not "
            f"make: it makes {', '.join(KINDS)}, or the backend brings its own ('own_model')"
        )
