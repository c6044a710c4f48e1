"""Which backends quickstart measures, and which versions their stack has."""

from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from importlib.metadata import version as installed_version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from emch.backends.registry import get_backend, known_backends, open_model
from emch.errors import EmchError, InvalidInput
from emch.tracking.upgrades import RUNNER

PREFERRED = ("sentence-transformers", "onnxruntime", "openvino", "onnxruntime-int8", "pytorch")
"""What is tried first: what most people have, then engines that keep the accuracy."""

COMMON = ("numpy", "tokenizers", "safetensors")
"""What a stack pins beside what backends name: their releases can change a figure too."""


def candidates(model: str) -> list[str]:
    """Return the backends that can load a model here and answer as it does, in our order.

    What loads for minutes is left out.
    """
    every = dict.fromkeys((*PREFERRED, *known_backends()))
    return [name for name in every if _can_load(name, model)]


def _can_load(name: str, model: str) -> bool:
    try:
        backend = get_backend(name)
        if backend.unavailable() or backend.slow_to_load:
            return False
        return not open_model(name, model).own
    except EmchError:  # of another package, or there is no such artifact of this model
        return False


def installed_pins(backends: Sequence[str], requires: Sequence[str] = ()) -> dict[str, str]:
    """Return the versions that are installed here of what backends, and a package, need.

    A stack lists what any backend of emch names; what else comes with it, the resolver decides.

    Parameters
    ----------
    backends : sequence of str
        The backends by name.
    requires : sequence of str
        What else is required, as pip takes it.

    Raises
    ------
    InvalidInput
        asv is installed without its runner.
    """
    own = [text for name in backends for text in get_backend(name).requires]
    named = {_name(text) for each in known_backends() for text in get_backend(each).requires}
    named |= {*COMMON, *map(_name, (*own, *requires))}
    reached = set(_reached([*own, *requires, *COMMON[:2]]))
    pins = {name: Version(installed_version(name)).public for name in sorted(named & reached)}
    try:
        return {**pins, RUNNER: installed_version(RUNNER)}
    except PackageNotFoundError as error:
        raise InvalidInput("asv is not whole here: pip install 'emch[asv]'") from error


def _name(requirement: str) -> str:
    return canonicalize_name(Requirement(requirement).name)


def _reached(requirements: Sequence[str]) -> Iterator[str]:
    """Yield what is installed of some requirements, and of what they require in turn."""
    left, seen = [Requirement(text) for text in requirements], set()
    while left:
        wanted = left.pop()
        name = canonicalize_name(wanted.name)
        applies = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
        if not applies or (name, *wanted.extras) in seen:
            continue
        seen.add((name, *wanted.extras))
        try:
            found = distribution(name)
        except PackageNotFoundError:  # of another platform
            continue
        yield name
        for text in found.requires or ():
            each = Requirement(text)
            extras = wanted.extras or {""}
            if each.marker is None or any(each.marker.evaluate({"extra": x}) for x in extras):
                each.marker = None
                left.append(each)
