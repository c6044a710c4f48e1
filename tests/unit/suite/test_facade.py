"""The facade for benchmark classes is frozen: a name stays, and so do its parameters."""

import inspect
from collections.abc import Callable
from pathlib import Path

from emch import suite

GOLDEN = Path(__file__).with_name("facade.txt")


def parameters(thing: Callable[..., object]) -> inspect.Signature:
    """Return a signature without types, which differ from release to release of numpy."""
    signature = inspect.signature(thing)
    bare = [
        each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()
    ]
    return signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)


def described() -> list[str]:
    """Return a line for each public name and for each public method of a class that is ours."""
    lines = []
    for name in sorted(suite.__all__):
        thing = getattr(suite, name)
        lines.append(f"{name}{parameters(thing)}")
        if name in {"Recorded", "Pipelined"}:
            methods = inspect.getmembers(thing, inspect.isfunction)
            lines += [
                f"{name}.{method}{parameters(function)}"
                for method, function in methods
                if not method.startswith("_")
            ]
    return lines


def test_what_is_there_stays_and_what_is_new_is_written_down() -> None:
    assert described() == GOLDEN.read_text().splitlines(), "a change must be an addition"
