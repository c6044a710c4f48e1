"""What `emch compare` and `emch bisect` compare: sides and cells, by their options."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asv.config import Config

from emch.cli.console import log
from emch.compare.asv_sides import environment_names, make_asv_side
from emch.compare.launch import NAMES
from emch.compare.side.emch_side.suite import TIMED
from emch.compare.sides import Side, make_side, state_file
from emch.compare.workers import list_cells
from emch.errors import InvalidInput
from emch.tracking.commits import HEAD, resolve
from emch.tracking.parts import backend_of
from emch.tracking.results import Cell
from emch.tracking.stacks import default_stack, find_stacks

DEFAULT_BENCH = re.compile(
    r"Warm\.time_batch\('sentences-128', '(onnxruntime|openvino|ctranslate2|xla)[^']*', 1\)"
)
"""Cells that fit the default budget: an engine that imports PyTorch takes ten seconds to load."""


@dataclass(frozen=True)
class Asked:
    """What the options name.

    Attributes
    ----------
    base, head : str or None
        The commits; no head is the working tree.
    stack, stack_a, stack_b : str or None
        The stack of both sides, or of each; with `asv` the environment by asv's name.
    asv : bool
        Whether the sides are installed as asv does it.
    """

    base: str
    head: str | None
    stack: str | None = None
    stack_a: str | None = None
    stack_b: str | None = None
    asv: bool = False

    def labels(self, default: str) -> tuple[str, str]:
        """Return the stacks of A and B.

        Raises
        ------
        InvalidInput
            They are named in a way that leaves open which is meant.
        """
        if self.stack and (self.stack_a or self.stack_b):
            raise InvalidInput("--stack is for both sides: give it, or --stack-a and --stack-b")
        if bool(self.stack_a) != bool(self.stack_b):
            raise InvalidInput("--stack-a and --stack-b go together")
        return self.stack_a or self.stack or default, self.stack_b or self.stack or default


@dataclass(frozen=True)
class Sides:
    """Both sides.

    Attributes
    ----------
    both : sequence of two Side
        A and B.
    pins : sequence of two mappings
        What asv.conf.json pins on each.
    backends : frozenset of str, or None
        Those that both stacks have; None where a stack says nothing of backends.
    """

    both: Sequence[Side]
    pins: Sequence[Mapping[str, str]]
    backends: frozenset[str] | None

    @property
    def labels(self) -> list[str]:
        """The sides, as people read them."""
        return [side.label for side in self.both]

    @property
    def equal(self) -> bool:
        """Whether there can be no difference between them."""
        one, other = self.both
        return one.content == other.content and self.pins[0] == self.pins[1]

    def state(self, config: Config, cells: Sequence[Cell]) -> Path:
        """Return the file that keeps the launches of this comparison for --resume.

        It is another file as soon as a side has other code, or its stack other pins.
        """
        what = [f"{side.label} {side.content}" for side in self.both]
        what += [str(sorted(pins.items())) for pins in self.pins]
        return state_file(config, [*what, *(cell.name for cell in cells)])


def equal_labels(config: Config, asked: Asked) -> list[str]:
    """Return the labels of two sides of --asv that are one commit in one environment, else none.

    That is known before either is installed.
    """
    if not asked.asv or asked.stack_a != asked.stack_b or _is_of_two_stacks(asked):
        return []
    base, head = resolve(config, asked.base), resolve(config, asked.head or HEAD)
    return [base[:8], head[:8]] if base == head else []


def make_sides(config: Config, asked: Asked) -> Sides:
    """Make both sides.

    Raises
    ------
    InvalidInput, Unavailable
        One of them cannot be had; as `make_side` and `make_asv_side`.
    """
    base = resolve(config, asked.base)
    if asked.asv:
        names = asked.labels(_default_environment(config))
        commits = [base, base if _is_of_two_stacks(asked) else resolve(config, asked.head or HEAD)]
        both = [make_asv_side(config, *each) for each in zip(NAMES, names, commits, strict=True)]
        return Sides(both, [{"": name} for name in names], None)
    stacks = find_stacks(config, asked.labels(_default_label(config)))
    head = base if _is_of_two_stacks(asked) else asked.head and resolve(config, asked.head)
    sides = [
        make_side(config, each.label, commit)
        for each, commit in zip(stacks, (base, head), strict=True)
    ]
    backends = frozenset(stacks[0].backends) & frozenset(stacks[1].backends)
    return Sides(sides, [stack.pins for stack in stacks], backends)


def side_maker(config: Config, stack: str | None, *, asv: bool) -> Callable[[str, str], Side]:
    """Return what makes a side of a place (A or B) and a commit, in one stack.

    Raises
    ------
    InvalidInput, Unavailable
        There is no such stack.
    """
    if asv:
        name = stack or _default_environment(config)
        return lambda place, commit: make_asv_side(config, place, name, commit)
    label = find_stacks(config, (stack,))[0].label if stack else _default_label(config)
    return lambda _, commit: make_side(config, label, commit)


def _is_of_two_stacks(asked: Asked) -> bool:
    return asked.head is None and bool(asked.stack_a and asked.stack_b)


def _default_label(config: Config) -> str:
    try:
        return default_stack(config).label
    except InvalidInput as error:
        raise InvalidInput(f"{error}; --asv compares in projects without emch's stacks") from error


def _default_environment(config: Config) -> str:
    first, *others = environment_names(config)
    if others:
        log(f"environment {first}; --stack names another of {', '.join(others)}")
    return first


def shared_cells(sides: Sides, bench: re.Pattern[str] | None) -> list[Cell]:
    """Return the cells that both sides have, without those of backends that a stack lacks.

    Where no pattern is given it is emch's default, or else all timings, or with --asv everything.

    Raises
    ------
    InvalidInput
        There is none.
    """
    found = [list_cells(side) for side in sides.both]
    both = [cell for cell in found[1] if cell in found[0]]
    _say_lone(found, bench)
    if sides.backends is not None:
        both = [cell for cell in both if backend_of(cell) in {None, *sides.backends}]
        if bench is None:
            both = [cell for cell in both if cell.kind in TIMED]
    like = bench or DEFAULT_BENCH
    cells = [cell for cell in both if like.search(cell.name)]
    if not cells and bench is None:
        cells = both
    if not cells:
        one, other = sides.labels
        said = f" is like '{bench.pattern}': choose with --bench" if bench else ": there is none"
        raise InvalidInput(f"no benchmark that both {one} and {other} have{said}")
    return cells


def _say_lone(found: Sequence[Sequence[Cell]], bench: re.Pattern[str] | None) -> None:
    """Say which benchmarks only one side has."""
    one, two = found
    for name, own, other in (("A", one, two), ("B", two, one)):
        known = set(other)
        lone = [
            cell for cell in own if cell not in known and (not bench or bench.search(cell.name))
        ]
        if lone:
            more = f" and {len(lone) - 2} more" if len(lone) > 2 else ""
            names = ", ".join(cell.name for cell in lone[:2])
            log(f"only {name} has {names}{more}, so there is nothing to compare {name} with")
