"""Why a cell may have changed: what differs between the sides beside their code."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from emch.compare.differences import differences, the_first
from emch.compare.folders import run_folder
from emch.compare.launch import NAMES
from emch.compare.sides import Side
from emch.compare.workers import explain
from emch.errors import WorkerEnded
from emch.tracking.results import Cell

ARROW = "->"
MOST = 6
"""Packages, variables and operators that are named; the others are counted."""

LEAST_S = 5e-6
"""A change of an operator's seconds in a call that is worth a word."""


def reasons(sides: Sequence[Side], cell: Cell) -> list[str]:
    """Return what differs between two sides in a cell that changed, a line each.

    The operators are profiled in a process of their own: with its profile an engine is slower, so
    their seconds are not those of the comparison.

    Parameters
    ----------
    sides : sequence of two Side
        A and B.
    cell : Cell
        One that both can measure.
    """
    said = []
    with tempfile.TemporaryDirectory(prefix="emch-") as place:
        for name, side in zip(NAMES, sides, strict=True):
            try:
                folder = run_folder(Path(place), Path(place), name, side, cell)
                said.append(explain(name, side, cell, folder))
            except WorkerEnded as ended:
                return [f"what differs is not known, since {name} explains nothing: {ended}"]
    one, other = said
    differing = {
        "packages": differences(one["packages"], other["packages"], ARROW),
        "environment": differences(_variables(sides[0]), _variables(sides[1]), ARROW),
    }
    found = [f"{what}: {the_first(words, MOST)}" for what, words in differing.items() if words]
    return found + list(_of_benchmark(one.get("own", {}), other.get("own", {})))


def reasons_of_all(sides: Sequence[Side], cells: Sequence[Cell]) -> dict[str, list[str]]:
    """Return the reasons of each of some cells that changed, by their names.

    Where the project is installed its benchmarks tell nothing themselves, so all cells have the
    same reasons, which are asked for once.
    """
    if any(side.packages for side in sides):
        return {cell.name: reasons(sides, cell) for cell in cells}
    return dict.fromkeys((cell.name for cell in cells), reasons(sides, cells[0]) if cells else [])


def _variables(side: Side) -> dict[str, str]:
    """Return what is set for a side; PATH always differs, by the folder of its environment."""
    return {name: value for name, value in side.variables.items() if name != "PATH"}


def _of_benchmark(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the benchmark itself tells of both sides."""
    if one.get("artifact") != other.get("artifact"):
        yield f"artifact: {one.get('artifact')} -> {other.get('artifact')}"
    operators = [each.get("operators", {}) for each in (one, other)]
    if all(operators):
        yield from _of_operators(*operators)


def _of_operators(one: Mapping[str, float], other: Mapping[str, float]) -> Iterator[str]:
    changes = {kind: other.get(kind, 0.0) - one.get(kind, 0.0) for kind in {*one, *other}}
    most = sorted(changes, key=lambda kind: -abs(changes[kind]))
    words = [
        f"{kind} {one.get(kind, 0.0) * 1e3:.2f} -> {other.get(kind, 0.0) * 1e3:.2f} ms"
        for kind in most[:MOST]
        if abs(changes[kind]) >= LEAST_S
    ]
    if words:
        yield f"operators, profiled apart, a call: {', '.join(words)}"
