"""How the answers of the engines differ on the same inputs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emch.backends.network import Feeds
from emch.bench.found import Found
from emch.bench.npz import load

TOLERANCES = {"fp32": 1e-3, "bf16": 0.1, "int8": 0.5}
"""What two engines may differ by, in parts of the greatest number of an output, by precision.

fp32 has 24 bits and sums in another order cost some of them; bf16 has 8 bits, and int8 as many at
best. The larger one holds where two engines compute in different precisions.
"""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How an output of one engine differs from that of another.

    Attributes
    ----------
    output : str
        Its name.
    absolute : float
        The greatest difference of two numbers; infinite where only one of two is a number, or
        where texts differ.
    relative : float
        The same, in parts of the greatest absolute number of the first engine's output.
    same_argmax : float or None
        The share of the rows along the last axis whose greatest number is in the same place; None
        where the output is no array of numbers with such an axis.
    """

    output: str
    absolute: float
    relative: float
    same_argmax: float | None


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What the answers of a case are, and how they differ from those of the first engine.

    Attributes
    ----------
    engine, first : str
        The engine, and the one that it is held against; the same where there is none before it.
    batch_size : int
        The items of a request.
    requests : int
        How many requests were compared.
    nan : mapping of str to int
        How many numbers of an output are not a number, by its name; none where all are.
    numbers : mapping of str to int
        How many numbers each output has.
    differences : sequence of Difference
        Of each output that both have by the same name.
    tolerance : float
        What `relative` may be at most.
    why_not : str
        Why nothing could be compared; empty where it could.
    """

    engine: str
    first: str
    batch_size: int
    requests: int
    nan: Mapping[str, int]
    numbers: Mapping[str, int]
    differences: Sequence[Difference]
    tolerance: float
    why_not: str = ""

    @property
    def fits(self) -> bool:
        """Whether no output differs by more than the tolerance."""
        return all(each.relative <= self.tolerance for each in self.differences)

    @property
    def sentence(self) -> str:
        """Where it differs most, in words."""
        worst = max(self.differences, key=lambda each: each.relative)
        return (
            f"the output '{worst.output}' of {self.engine} differs from that of {self.first} by "
            f"{worst.absolute:.3g}, {worst.relative:.2g} of its greatest number, at batch size "
            f"{self.batch_size}: the tolerance is {self.tolerance:g}"
        )


def agree(
    found: Sequence[Found], answers: Mapping[int, Path], tolerance: float | None, quantized: bool
) -> Iterator[Agreement]:
    """Compare the answers of all cases with those of the first one of the same batch size.

    Parameters
    ----------
    found : sequence of Found
        The cases.
    answers : mapping of int to Path
        The files with the outputs, by the number of the case.
    tolerance : float, optional
        What is allowed; without it what the precisions of the two sessions and of the file allow.
    quantized : bool
        Whether the file has parts in int8, which engines compute in their own ways.
    """
    firsts: dict[int, tuple[Found, list[Feeds]]] = {}
    for number, path in answers.items():
        own, outputs = found[number], load(path)
        first, wanted = firsts.setdefault(own.case.batch_size, (own, outputs))
        allowed = tolerance
        if allowed is None:
            precisions = {first.precision, own.precision, *(["int8"] if quantized else [])}
            allowed = max(TOLERANCES.get(each, TOLERANCES["int8"]) for each in precisions)
        yield _compare(first, own, wanted, outputs, allowed)


def _compare(
    first: Found, own: Found, wanted: Sequence[Feeds], outputs: Sequence[Feeds], allowed: float
) -> Agreement:
    same = [name for name in wanted[0] if name in outputs[0]]
    pairs = {
        name: [(one[name], other[name]) for one, other in zip(wanted, outputs, strict=False)]
        for name in same
    }
    shapes = [name for name in same if any(one.shape != two.shape for one, two in pairs[name])]
    why_not = ""
    if not same:
        why_not = f"no output of one is named as one of the other: {', '.join(outputs[0])}"
    elif shapes:
        why_not = f"the output '{shapes[0]}' has another shape"
    differences = [] if own is first or why_not else [_differ(name, pairs[name]) for name in same]
    return Agreement(
        engine=own.case.engine,
        first=first.case.engine,
        batch_size=own.case.batch_size,
        requests=min(len(wanted), len(outputs)),
        nan={
            name: count
            for name in outputs[0]
            if (count := sum(int(_nan(each[name]).sum()) for each in outputs))
        },
        numbers={name: sum(each[name].size for each in outputs) for name in outputs[0]},
        differences=differences,
        tolerance=allowed,
        why_not=why_not,
    )


def _nan(array: NDArray[Any]) -> NDArray[np.bool_]:
    return np.isnan(array) if array.dtype.kind == "f" else np.zeros(array.shape, bool)


def _differ(name: str, pairs: Sequence[tuple[NDArray[Any], NDArray[Any]]]) -> Difference:
    absolute = max(_absolute(one, two) for one, two in pairs)
    greatest = max((_greatest(one) for one, _ in pairs), default=0.0)
    relative = absolute / greatest if greatest and absolute < np.inf else absolute
    shares = [share for one, two in pairs if (share := _same_argmax(one, two)) is not None]
    return Difference(
        output=name,
        absolute=absolute,
        relative=relative,
        same_argmax=float(np.mean(shares)) if shares else None,
    )


def _absolute(one: NDArray[Any], two: NDArray[Any]) -> float:
    """Return the greatest difference; infinity where only one is not a number, or texts differ."""
    if one.dtype.kind not in "fiub" or two.dtype.kind not in "fiub":
        return 0.0 if np.array_equal(one, two) else np.inf
    if not np.array_equal(_nan(one), _nan(two)):
        return np.inf
    left, right = one.astype(np.float64), two.astype(np.float64)
    apart = left != right  # infinities of one sign are the same, and their difference is not zero
    return float(np.nan_to_num(np.abs(left[apart] - right[apart]), nan=0.0).max(initial=0.0))


def _greatest(array: NDArray[Any]) -> float:
    if array.dtype.kind not in "fiub":
        return 0.0
    finite = array[np.isfinite(array)]
    return float(np.abs(finite.astype(np.float64)).max(initial=0.0))


def _same_argmax(one: NDArray[Any], two: NDArray[Any]) -> float | None:
    if one.dtype.kind != "f" or one.ndim == 0 or one.shape[-1] < 2 or not one.size:
        return None
    return float(np.mean(np.argmax(one, axis=-1) == np.argmax(two, axis=-1)))
