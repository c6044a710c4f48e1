"""The size of every axis of every input: as the user says, as the file says, or by a default."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from emch.backends.network import Input
from emch.errors import InvalidInput

Shape = tuple[int, ...]

LIST = re.compile(r"\[([^\[\]]*)\]")

BATCH = re.compile(r"batch|^n$|^b$|\.0$", re.IGNORECASE)
SEQUENCE = re.compile(r"seq|tok|len|time|frames|^[slt]$", re.IGNORECASE)
LENGTH = 128
SIZES = (
    (re.compile(r"height|width|^[hw]$|^h_|^w_", re.IGNORECASE), 224),
    (re.compile(r"channel|^c$", re.IGNORECASE), 3),
    (SEQUENCE, LENGTH),
)
"""The default size of a free axis by what its name has in it."""

PICTURE = {1: 3, 2: 224, 3: 224}
"""The default sizes of axes of no name where an input of four axes takes floats."""

ROW = {1: LENGTH}
"""The same where an input has three axes, or two and takes integers."""


@dataclass(frozen=True)
class Axes:
    """What the free axes of a network's inputs are.

    Attributes
    ----------
    batch : frozenset of str
        Those that the batch size is the size of, by their names.
    sizes : mapping of str to int
        The size of each other one, by its name.
    defaults : frozenset of str
        Those whose size nobody has said.
    given_batch : int or None
        The batch size that shapes or sizes of axes have.
    fixed_batch : int or None
        The batch size where no axis of it is free: the first size of all inputs.
    """

    batch: frozenset[str]
    sizes: Mapping[str, int]
    defaults: frozenset[str]
    given_batch: int | None
    fixed_batch: int | None

    @property
    def has_batch(self) -> bool:
        """Whether inputs have an axis for the items of a request."""
        return bool(self.batch) or self.fixed_batch is not None

    def shape(self, each: Input, batch_size: int) -> Shape:
        """Return the shape of an input for a batch size."""
        return tuple(
            size
            if isinstance(size, int)
            else batch_size
            if size in self.batch
            else self.sizes[size]
            for size in each.shape
        )

    def batch_axis(self, each: Input) -> int | None:
        """Return which axis of an input is that of the batch."""
        if self.fixed_batch is not None:
            return 0 if each.shape else None
        free = (axis for axis, size in enumerate(each.shape) if size in self.batch)
        return next(free, None)

    def length_axis(self, each: Input) -> int | None:
        """Return which axis of an input is that of a text's or a sequence's length, if one is."""
        axes = (axis for axis, size in enumerate(each.shape) if is_length(each, axis, size))
        return next(axes, None)


def parse_shapes(text: str) -> list[Shape]:
    """Read the shapes of the inputs in their order, as in `[1,128],[1,128]`.

    Raises
    ------
    InvalidInput
        It is not written like that, or has a size below 1.
    """
    found = LIST.findall(text)
    rest = LIST.sub("", text).replace(",", "").strip()
    try:
        shapes = [tuple(map(int, sizes.split(","))) if sizes.strip() else () for sizes in found]
    except ValueError:
        shapes = []
    if rest or not shapes:
        raise InvalidInput(f"'{text}' are no shapes; two are written like [1,128],[1,128]")
    if any(size < 1 for shape in shapes for size in shape):
        raise InvalidInput(f"'{text}' has a size below 1: every axis has one of 1 or more")
    return shapes


def parse_dims(texts: Sequence[str]) -> dict[str, int]:
    """Read sizes of free axes, each as in `sequence=128`.

    Raises
    ------
    InvalidInput
        One is not written like that, has a size below 1, or is there twice.
    """
    found: dict[str, int] = {}
    for text in texts:
        name, _, size = text.rpartition("=")
        if not name or not size.isdecimal() or int(size) < 1:
            raise InvalidInput(
                f"'{text}' is no size of an axis; one is written like sequence=128, from 1 on"
            )
        if found.setdefault(name, int(size)) != int(size):
            raise InvalidInput(f"the axis '{name}' is given two sizes, {found[name]} and {size}")
    return found


def resolve(
    inputs: Sequence[Input], shapes: Sequence[Shape] | None, dims: Mapping[str, int]
) -> Axes:
    """Find what every free axis is.

    Raises
    ------
    InvalidInput
        A shape or a size contradicts the network, or another one of them.
    """
    given = _given(inputs, shapes or [])
    free = [size for each in inputs for size in each.shape if isinstance(size, str)]
    for name, size in dims.items():
        if name not in free:
            known = ", ".join(dict.fromkeys(free)) or "none"
            raise InvalidInput(f"the network has no free axis '{name}'; it has: {known}")
        if given.setdefault(name, size) != size:
            raise InvalidInput(f"the axis '{name}' is given two sizes, {given[name]} and {size}")
    batch = frozenset(_batch(inputs))
    sizes = {
        **{
            size: _default(each, axis, size)
            for each in reversed(inputs)
            for axis, size in enumerate(each.shape)
            if isinstance(size, str)
        },
        **given,
    }
    sums = {name: _sum(name, sizes) for name in sizes.keys() - given.keys() if "+" in name}
    firsts = {each.shape[0] for each in inputs if each.shape}
    fixed = next(iter(firsts)) if len(firsts) == 1 and not batch else None
    asked = {given[name] for name in batch if name in given}
    if len(asked) > 1:
        raise InvalidInput(f"the shapes have the batch sizes {', '.join(map(str, sorted(asked)))}")
    return Axes(
        batch=batch,
        sizes={**sizes, **sums},
        defaults=frozenset(sizes) - given.keys() - batch,
        given_batch=asked.pop() if asked else None,
        fixed_batch=fixed if isinstance(fixed, int) else None,
    )


def _given(inputs: Sequence[Input], shapes: Sequence[Shape]) -> dict[str, int]:
    """Return the sizes of free axes that shapes for all inputs have."""
    if shapes and len(shapes) != len(inputs):
        names = ", ".join(each.name for each in inputs)
        raise InvalidInput(
            f"there are {len(shapes)} shapes, and the network has {len(inputs)} inputs: {names}"
        )
    given: dict[str, int] = {}
    for each, shape in zip(inputs, shapes, strict=False):
        if len(shape) != len(each.shape):
            raise _contradiction(each, shape)
        for wanted, size in zip(each.shape, shape, strict=True):
            if isinstance(wanted, int) and wanted != size:
                raise _contradiction(each, shape)
            if isinstance(wanted, str) and given.setdefault(wanted, size) != size:
                raise InvalidInput(
                    f"the shapes give the axis '{wanted}' two sizes, {given[wanted]} and {size}"
                )
    return given


def _contradiction(each: Input, shape: Shape) -> InvalidInput:
    return InvalidInput(
        f"the input '{each.name}' has the shape [{', '.join(map(str, each.shape))}], which "
        f"[{', '.join(map(str, shape))}] contradicts: give a shape that fits it"
    )


def _batch(inputs: Sequence[Input]) -> Iterator[str]:
    """Yield the names of the axes that the batch size is the size of."""
    for each in inputs:
        for axis, name in enumerate(each.shape):
            if isinstance(name, str) and (
                BATCH.search(name) or (axis == 0 and not _by_name(each, name))
            ):
                yield name


def is_length(each: Input, axis: int, size: int | str) -> bool:
    """Say whether an axis of an input is free and that of a text's or a sequence's length."""
    if isinstance(size, int) or axis == 0 or BATCH.search(size):
        return False
    own = size.removeprefix(each.name)
    return bool(SEQUENCE.search(own)) or (own == f".{axis}" and _by_place(each, axis) == LENGTH)


def _sum(name: str, sizes: Mapping[str, int]) -> int:
    """Return the size of an axis whose name is a sum of others, as exporters write it."""
    parts = [part.strip() for part in name.split("+")]
    if all(part in sizes or part.isdecimal() for part in parts):
        return sum(sizes.get(part, 0) or int(part) for part in parts)
    return sizes[name]


def _default(each: Input, axis: int, name: str) -> int:
    """Return the size of an axis that nobody has said."""
    return _by_name(each, name) or _by_place(each, axis)


def _by_name(each: Input, name: str) -> int | None:
    own = name.removeprefix(each.name)
    return next((size for pattern, size in SIZES if pattern.search(own)), None)


def _by_place(each: Input, axis: int) -> int:
    """Return the size of an axis by the number of axes and the type; the last resort is 1."""
    axes, floats = len(each.shape), each.dtype.startswith("float")
    if axes == 4 and floats:
        return PICTURE.get(axis, 1)
    if axes == 3 or (axes == 2 and each.dtype.startswith("int")):
        return ROW.get(axis, 1)
    return 1
