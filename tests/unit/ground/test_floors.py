"""The rooms of emch stand on floors: a room imports from those below it alone, never from above."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FLOORS = (
    "cli",
    "site",
    "export",
    "report",
    "compare",
    "tracking",
    "suite",
    "bench",
    "beam",
    "runners",
    "tasks",
    "scenarios",
    "encoding",
    "backends",
    "models",
    "datasets",
    "measure",
)
"""From the top down."""

GROUND = ("records", "metrics", "percentiles", "cache", "arrays", "errors")
"""Modules that every room may import, and each of these only what stands behind it."""

DOORS = ("__init__", "asv_plugin")
"""The front door of the package and the face for asv: nobody imports them."""

ORDER = (*FLOORS, *GROUND)
MODULES = sorted((ROOT / "emch").rglob("*.py"))


def room(module: str) -> str:
    """Return the room, or the module of the ground, of a dotted name."""
    return module.split(".")[1] if "." in module else "__init__"


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names of emch that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] == "emch")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_arrow_points_up(path: Path) -> None:
    own = path.relative_to(ROOT / "emch").with_suffix("").parts[0]
    if own in DOORS:
        return
    for name in imported(path):
        assert ORDER.index(room(name)) >= ORDER.index(own), f"{path} imports {name}"


def test_benchmarks_import_the_suite_alone() -> None:
    paths = sorted((ROOT / "benchmarks").glob("*.py"))
    found = {room(name) for path in paths for name in imported(path)}
    assert found == {"suite"}


def test_every_room_has_its_floor() -> None:
    rooms = {path.relative_to(ROOT / "emch").with_suffix("").parts[0] for path in MODULES}
    assert rooms == {*ORDER, *DOORS}


def test_no_circle_within_a_room() -> None:
    """Follow what a module imports when it is imported itself; what a function imports is later."""
    arrows = {}
    for path in MODULES:
        own = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        arrows[own.removesuffix(".__init__")] = {
            name if (ROOT / f"{name.replace('.', '/')}.py").is_file() else name.rpartition(".")[0]
            for name in imported(path)
        }
    seen: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join((*way, module))
        if module not in seen:
            for target in arrows.get(module, ()):
                walk(target, (*way, module))
            seen.add(module)

    for module in arrows:
        walk(module, ())
