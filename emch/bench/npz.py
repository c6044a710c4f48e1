"""Inputs in files: those of the user, and those that go from one process to another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emch.backends.network import Feeds, Input
from emch.bench.shapes import Axes
from emch.bench.signature import Signature
from emch.errors import InvalidInput


def read_npz(path: Path, signature: Signature, axes: Axes, batch_size: int) -> list[Feeds]:
    """Read inputs from a file with an array for each.

    An array has an item in each row of its batch axis, and requests take as many rows as the batch
    size, in their order, from the first again when they end. Where an input has no such axis, all
    requests take the whole array.

    Raises
    ------
    InvalidInput
        It is no such file, or the arrays have too few rows.
    """
    found = _load(path)
    rows = {
        found[each.name].shape[axis]
        for each in signature.inputs
        if (axis := axes.batch_axis(each)) is not None
    }
    if len(rows) > 1:
        raise InvalidInput(f"the arrays in {path} have {min(rows)} to {max(rows)} rows: give one")
    count = rows.pop() if rows else batch_size
    if count < batch_size:
        raise InvalidInput(f"{path} has {count} rows, too few for a batch size of {batch_size}")
    return [
        {each.name: _rows(found[each.name], axes.batch_axis(each), start, batch_size)
         for each in signature.inputs}
        for start in range(0, count - batch_size + 1, batch_size)
    ]  # fmt: skip


def with_sizes_of(path: Path, signature: Signature, axes: Axes) -> Axes:
    """Return the axes with the sizes that the arrays in a file have.

    Raises
    ------
    InvalidInput
        It is no such file, or an array is missing, too many, of another type or shape than the
        network's.
    """
    found = _load(path)
    names = [each.name for each in signature.inputs]
    if found.keys() != set(names):
        raise InvalidInput(
            f"{path} has the arrays {', '.join(found) or 'none'}, and the network takes "
            f"{', '.join(names)}"
        )
    sizes: dict[str, int] = {}
    for each in signature.inputs:
        array = found[each.name]
        if array.dtype != np.dtype(each.dtype):
            raise InvalidInput(
                f"the array '{each.name}' in {path} is {array.dtype}, and the network takes "
                f"{each.dtype}"
            )
        if array.ndim != len(each.shape):
            raise _misfit(path, each, array)
        for axis, (size, length) in enumerate(zip(each.shape, array.shape, strict=True)):
            if axis == axes.batch_axis(each):
                continue
            if isinstance(size, int):
                wanted = size
            elif size in axes.defaults:
                wanted = sizes.setdefault(size, length)
            else:
                wanted = axes.sizes[size]
            if wanted != length:
                raise _misfit(path, each, array)
    return replace(axes, sizes={**axes.sizes, **sizes}, defaults=axes.defaults.difference(sizes))


def _misfit(path: Path, each: Input, array: NDArray[Any]) -> InvalidInput:
    return InvalidInput(
        f"the array '{each.name}' in {path} has the shape {list(array.shape)}, which contradicts "
        f"[{', '.join(map(str, each.shape))}] of the network or of the other arrays and options"
    )


def _load(path: Path) -> Mapping[str, NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: _texts(archive[name]) for name in archive.files}
    except (OSError, ValueError, AttributeError) as error:
        raise InvalidInput(
            f"{path} is no .npz file of arrays that can be read ({error}): write it with "
            "numpy.savez, texts as arrays of 'U'"
        ) from error


def _texts(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(object) if array.dtype.kind == "U" else array


def _rows(array: NDArray[Any], axis: int | None, start: int, count: int) -> NDArray[Any]:
    if axis is None:
        return array
    return np.ascontiguousarray(np.take(array, range(start, start + count), axis=axis))


def save(path: Path, feeds: Sequence[Feeds]) -> None:
    """Write inputs for another process; `load` reads them."""
    arrays = {
        f"{number}/{name}": np.asarray(array, dtype=str) if array.dtype == object else array
        for number, each in enumerate(feeds)
        for name, array in each.items()
    }
    np.savez(path, **arrays)  # type: ignore[arg-type] # numpy has a flag among the names


def load(path: Path) -> list[Feeds]:
    """Read what `save` wrote."""
    found: dict[int, Feeds] = {}
    for key, array in _load(path).items():
        number, _, name = key.partition("/")
        found.setdefault(int(number), {})[name] = array
    return [found[number] for number in sorted(found)]
