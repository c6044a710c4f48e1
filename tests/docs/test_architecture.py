"""The rooms and arrows of docs/architecture.md are those of the code."""

import re

from tests.stacks import ROOT
from tests.unit.ground.test_floors import FLOORS, GROUND, MODULES, imported, room

PAGE = (ROOT / "docs" / "architecture.md").read_text()
COMMAND = ("command", "cli")
"""The arrow that no import shows: pyproject.toml names the module of the command."""


def imports() -> dict[str, set[str]]:
    """Return which rooms each room imports, and each face of the package."""
    found: dict[str, set[str]] = {"benchmarks": {"suite"}}
    for path in MODULES:
        own = path.relative_to(ROOT / "emch").with_suffix("").parts[0]
        found.setdefault(own, set()).update(map(room, imported(path)))
    for own in GROUND:
        del found[own]
    return {own: rooms - {own, *GROUND} for own, rooms in found.items()}


def below(own: str, rooms: dict[str, set[str]]) -> set[str]:
    """Return every room that a room leads to."""
    return rooms[own].union(*(below(each, rooms) for each in rooms[own]))


def test_picture_has_the_arrows_of_the_imports() -> None:
    rooms = imports()
    wanted = {
        ("import" if own == "__init__" else own, each)
        for own, direct in rooms.items()
        for each in direct
        if not any(each in below(other, rooms) for other in direct)
    }
    (picture,) = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
    drawn = re.findall(r'^ +(\w+)(?:\(\[".*"\]\))? --> (\w+)$', picture, re.MULTILINE)
    assert len(drawn) == len(picture.splitlines()) - 1
    assert sorted(drawn) == sorted({COMMAND, *wanted})


def test_table_has_every_room_from_the_top_down() -> None:
    table = PAGE[: PAGE.index("Below the rooms")]
    assert tuple(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == FLOORS
    ground = PAGE[PAGE.index("Below the rooms") : PAGE.index("```mermaid")]
    assert tuple(re.findall(r"`(\w+)`\s\(", ground)) == GROUND
