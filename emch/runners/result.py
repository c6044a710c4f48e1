"""The result file: what a measured process hands back, whatever language it is written in.

Its layout is published in schemas/result.json and explained in docs/native-runners.md.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emch.arrays import FloatArray
from emch.cache import replace_file
from emch.errors import ChildFailed, EmchError, as_raised, handed_over
from emch.measure.process import Account
from emch.runners.job import CONTRACT


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a process found.

    Attributes
    ----------
    counts : sequence of (str, int)
        What was counted. Pairs and not a mapping, so that a name that is there twice is seen.
    samples : sequence of (str, sequence of float)
        Raw values by the name of the metric, in the unit that ends the name.
    session : mapping
        What the session really used; see `emch.backends.base.SessionInfo`.
    answers : sequence of ndarray of float32, each of shape [probes, size]
        The embeddings of the probes by each session; none where the backend brings its own model.
    before_check, after_check : Account
        What the process had used before and after it answered the probes.
    """

    counts: Sequence[tuple[str, int]]
    samples: Sequence[tuple[str, Sequence[float]]]
    session: Mapping[str, Any]
    answers: Sequence[FloatArray]
    before_check: Account
    after_check: Account


def read_result(path: Path) -> dict[str, Any]:
    """Read what a process wrote, an error or not.

    Raises
    ------
    ChildFailed
        It is no JSON, or of another version of the contract.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ChildFailed(
            f"the measured process left a result that is no JSON ({error})"
        ) from error
    version = found.get("contract") if isinstance(found, dict) else None
    if version != CONTRACT:
        raise ChildFailed(
            f"the measured process left a result of version {version} of the contract, and this "
            f"emch reads version {CONTRACT}: build it again with 'make native'"
        )
    return dict(found)


def write_error(path: Path, error: EmchError) -> None:
    """Write an error as the result of a process; `read_error` reads it."""
    replace_file(path, json.dumps({"contract": CONTRACT, **handed_over(error)}))


def read_error(path: Path) -> EmchError | None:
    """Read the error that a process wrote before it ended; None where it wrote none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or "error" not in found:
        return None
    return as_raised({"error": str(found["error"]), "kind": str(found.get("kind"))})


def as_result(found: Mapping[str, Any]) -> Result:
    """Return what `read_result` read, typed.

    Raises
    ------
    ChildFailed
        Something is missing, or is not what the contract says.
    """
    try:
        return Result(
            counts=[(str(name), int(count)) for name, count in found["counts"]],
            samples=[(str(name), [*map(float, values)]) for name, values in found["samples"]],
            session=dict(found["session"]),
            # JSON has no NaN: null stands for it.
            answers=[np.array(each, dtype=np.float32) for each in found["answers"]],
            before_check=Account(**found["before_check"]),
            after_check=Account(**found["after_check"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ChildFailed(
            f"the measured process left a result that is not what the contract says "
            f"({type(error).__name__}: {error}): see docs/native-runners.md"
        ) from error
