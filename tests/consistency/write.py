"""Writes what backends and datasets declare of themselves into the files that need literals.

    python -m tests.consistency.write

These are the tables of the registries, the lists of the asv suite, the extras of the engines, and
the modules without types; and, from the stack `current`, the constraints of .venv. A test says when
to call it.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import import_module
from inspect import isabstract
from pathlib import Path

from emch.backends.base import Backend
from emch.backends.registry import BACKENDS
from emch.datasets.registry import DATASETS
from emch.tracking.stacks import Stack, read_stacks
from tests.stacks import ROOT, load_config

REGISTRY = Path("emch/backends/registry.py")
DATASET_REGISTRY = Path("emch/datasets/registry.py")
NAMES = Path("benchmarks/names.py")
PROJECT = Path("pyproject.toml")
CONSTRAINTS = Path("constraints.txt")


def declared() -> dict[str, type[Backend]]:
    """Return the backends of emch by name; the stub and functions are none."""
    found = {}
    for path in sorted((ROOT / "emch" / "backends").rglob("*.py")):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, Backend) and not isabstract(value):
                name = vars(value)["name"]  # of its own, and not that of the class above it
                assert name not in found, f"two backends have the name '{name}'"
                found[name] = value
    del found["stub"], found["callable"]
    return found


def declared_datasets() -> dict[str, str]:
    """Return the modules of the datasets by the names that these give themselves."""
    found = {}
    for path in sorted((ROOT / "emch" / "datasets").glob("*.py")):
        module = import_module(f"emch.datasets.{path.stem}")
        if name := vars(module).get("NAME"):
            assert name not in found, f"two datasets have the name '{name}'"
            found[name] = module.__name__
    return found


def current_stack() -> Stack:
    """Return the stack that .venv has the versions of."""
    return next(each for each in read_stacks(load_config()) if each.label == "current")


def derived() -> dict[Path, str]:
    """Return what each of the files must be."""
    backends = declared()
    paths = (REGISTRY, DATASET_REGISTRY, NAMES, PROJECT, CONSTRAINTS)
    texts = {path: (ROOT / path).read_text() for path in paths}
    names = _in_order(BACKENDS, backends)
    places = {name: f"{backends[name].__module__}:{backends[name].__name__}" for name in names}
    datasets = declared_datasets()
    modules = {name: datasets[name] for name in _in_order(DATASETS, datasets)}
    suite = _replace(texts[NAMES], "BACKENDS = [\n", "]", _rows(names))
    return {
        REGISTRY: _replace(texts[REGISTRY], "BACKENDS = {\n", "}", _pairs(places)),
        DATASET_REGISTRY: _replace(texts[DATASET_REGISTRY], "DATASETS = {\n", "}", _pairs(modules)),
        NAMES: _replace(suite, "DATASETS = [\n", "]", _rows(modules)),
        PROJECT: _project(texts[PROJECT], [backends[name] for name in names]),
        CONSTRAINTS: _constraints(texts[CONSTRAINTS]),
    }


def _in_order(known: Iterable[str], declared: Iterable[str]) -> list[str]:
    """Return what is declared in the order that is known; what is new comes last."""
    names = [name for name in known if name in declared]
    return names + [name for name in declared if name not in names]


def _rows(names: Iterable[str]) -> str:
    return "".join(f'    "{name}",\n' for name in names)


def _pairs(places: Mapping[str, str]) -> str:
    return "".join(f'    "{name}": "{place}",\n' for name, place in places.items())


def _project(text: str, backends: list[type[Backend]]) -> str:
    extras = {str(each.extra): each.requires for each in backends}
    here = [extra for extra, requires in extras.items() if current_stack().fulfils(requires)]
    lines = [f"{extra} = {_listed(requires)}\n" for extra, requires in extras.items()]
    lines.append(f"engines = {_listed(['emch[' + ','.join(here) + ']'])}\n")
    written = "".join(lines)
    text = _replace(text, "tests.consistency.write\n", "# What is not an engine.\n", written)
    (overrides,) = tomllib.loads(text)["tool"]["mypy"]["overrides"]
    modules = {f"{module.partition('.')[0]}.*" for each in backends for module in each.modules}
    every = sorted({*overrides["module"], *modules})
    return _replace(text, "module = [\n", "]", _rows(every))


def _constraints(text: str) -> str:
    """Give each pin of the stack its line; those of the tools stay as they are."""
    for name, version in current_stack().pins.items():
        line = f"{name}=={version}"
        known = re.compile(rf"^{re.escape(name)}==.*$", re.M)
        text = known.sub(line, text) if known.search(text) else f"{text}{line}\n"
    return text


def _listed(texts: "list[str] | tuple[str, ...]") -> str:
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"


def _replace(text: str, start: str, end: str, new: str) -> str:
    before, rest = text.split(start, 1)
    _, after = rest.split(end, 1)
    return f"{before}{start}{new}{end}{after}"


if __name__ == "__main__":
    for path, text in derived().items():
        (ROOT / path).write_text(text)
