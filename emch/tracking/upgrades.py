"""A second stack: the one that is there, with other versions of some packages or of all."""

from collections.abc import Mapping, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from emch.backends.registry import get_backend
from emch.errors import InvalidInput
from emch.tracking import own_package
from emch.tracking.resolve import resolve

RUNNER = "asv_runner"
"""It stays as it is: it belongs to the asv that runs here."""


def parse_asked(texts: Sequence[str]) -> list[Requirement]:
    """Read `PACKAGE==VERSION`, or any other requirement of pip's.

    Raises
    ------
    InvalidInput
        One is no requirement, or names no version.
    """
    found = []
    for text in texts:
        try:
            each = Requirement(text)
        except InvalidRequirement as error:
            first = str(error).partition("\n")[0]
            raise InvalidInput(f"'{text}' is no PACKAGE==VERSION ({first})") from error
        if not each.specifier and not each.url:
            raise InvalidInput(f"'{text}' names no version: give it as {text}==VERSION")
        found.append(each)
    return found


def newest_pins(
    pins: Mapping[str, str], backends: Sequence[str], requires: Sequence[str] = ()
) -> dict[str, str]:
    """Return the newest versions of what a stack pins that resolve together.

    Parameters
    ----------
    pins : mapping of str to str
        Those of the stack that is there.
    backends : sequence of str
        The backends that it must still have.
    requires : sequence of str
        What else it must fulfil, as pip takes it.

    Raises
    ------
    InvalidInput, Unavailable
        See `resolve`.
    """
    return _resolved(pins, [*_bounds(backends), *requires], {})


def upgraded_pins(
    pins: Mapping[str, str], backends: Sequence[str], asked: Sequence[Requirement]
) -> dict[str, str]:
    """Return the pins of a stack with some packages at other versions; the rest moves if it must.

    See `newest_pins`.
    """
    added = {str(canonicalize_name(each.name)) for each in asked} - pins.keys()
    wanted = [*_bounds(backends), *map(str, asked)]
    return _resolved({**pins, **dict.fromkeys(sorted(added), "")}, wanted, preferred=_free(pins))


def _resolved(
    pins: Mapping[str, str], wanted: Sequence[str], preferred: Mapping[str, str]
) -> dict[str, str]:
    found = resolve([*_free(pins), *wanted, *own_package.core_requirements()], preferred)
    kept = {name: version for name, version in pins.items() if name == RUNNER}
    return {**{name: found[canonicalize_name(name)] for name in _free(pins)}, **kept}


def _free(pins: Mapping[str, str]) -> dict[str, str]:
    return {name: version for name, version in pins.items() if name != RUNNER}


def _bounds(backends: Sequence[str]) -> list[str]:
    """Return what backends require, so that no release is taken that emch has no code for."""
    every = [text for name in backends for text in get_backend(name).requires]
    return list(dict.fromkeys(every))
