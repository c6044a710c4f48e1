"""Any loaded network: what it takes, by name, and what it gives, whatever it is for."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emch.arrays import FloatArray, IntArray
from emch.backends.options import SessionInfo
from emch.backends.profile import Operator
from emch.errors import InvalidInput, Unavailable

Feeds = dict[str, NDArray[Any]]
"""An array for each input of a network, by its name."""


@dataclass(frozen=True)
class Input:
    """What a network takes under one name.

    Attributes
    ----------
    name : str
        By the network's own name for it.
    dtype : str
        As numpy names it: float32, int64, bool.
    shape : tuple of int or str
        The size of each axis, or a name where it is free. Axes of one name have one size.
    told : bool
        Whether the file tells the shape; where it does not, `shape` is empty and means nothing.
    """

    name: str
    dtype: str
    shape: tuple[int | str, ...]
    told: bool = True


class Network(ABC):
    """A loaded network, ready to run.

    Attributes
    ----------
    info : SessionInfo
        What it really uses, as the engine reports it.
    inputs : tuple of Input
        What it takes, in the order of the file.
    """

    info: SessionInfo
    inputs: tuple[Input, ...]

    @abstractmethod
    def run(self, feeds: Feeds) -> dict[str, NDArray[Any]]:
        """Run it once; as many threads as there are streams may call it at once.

        Parameters
        ----------
        feeds : dict of str to ndarray
            What `require_fit` lets pass: it is not looked at here, where time is measured.

        Returns
        -------
        dict of str to ndarray
            Every output by its name; no later run writes over it.
        """

    def profile(self, feeds: Sequence[Feeds], calls: int) -> list[Operator]:  # noqa: ARG002 - for engines that tell
        """Run it some times with the engine's own profile of its operators.

        Parameters
        ----------
        feeds : sequence of Feeds
            Inputs, taken in turn.
        calls : int
            How many calls are counted; some come before them.

        Returns
        -------
        list of Operator
            The slowest first.

        Raises
        ------
        Unavailable
            The engine tells no times of its operators, or emch does not ask it for them.
        """
        raise Unavailable(f"{self.info.library} tells no times of its operators here")


class TokenNetwork(Network):
    """A session of an engine that knows batches of tokens alone, as a network."""

    def __init__(
        self, run: Callable[[IntArray, IntArray], FloatArray], info: SessionInfo, output: str
    ) -> None:
        self.info = info
        names = ("input_ids", "attention_mask")
        self.inputs = tuple(Input(name, "int64", ("batch", "tokens")) for name in names)
        self._run = run
        self._output = output

    def run(self, feeds: Feeds) -> dict[str, NDArray[Any]]:
        """Run one batch; see `Network.run`."""
        return {self._output: self._run(feeds["input_ids"], feeds["attention_mask"])}


def free_axis(name: str, axis: int) -> str:
    """Return the name of a free axis of an input where the network has none for it."""
    return f"{name}.{axis}"


def require_fit(network: Network, feeds: Feeds) -> None:
    """Refuse arrays that are not what a network takes, before it is run.

    Raises
    ------
    InvalidInput
        An input is missing or unknown, or has another type or shape.
    """
    names = [each.name for each in network.inputs]
    if sorted(names) != sorted(feeds):
        raise InvalidInput(
            f"the network takes {', '.join(names)}, and is given {', '.join(feeds) or 'nothing'}"
        )
    sizes: dict[str, int] = {}
    for each in network.inputs:
        given = feeds[each.name]
        if given.dtype != np.dtype(each.dtype):
            raise InvalidInput(f"the input '{each.name}' is {each.dtype}, and not {given.dtype}")
        if not each.told:
            continue
        wanted = [
            sizes.setdefault(size, got) if isinstance(size, str) else size
            for size, got in zip(each.shape, given.shape, strict=False)
        ]
        if list(given.shape) != wanted or len(given.shape) != len(each.shape):
            raise InvalidInput(
                f"the input '{each.name}' has shape {_show(each.shape)}, and not "
                f"{_show(given.shape)}"
            )


def _show(shape: tuple[int | str, ...]) -> str:
    return f"[{', '.join(map(str, shape))}]"
