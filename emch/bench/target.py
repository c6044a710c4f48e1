"""A network with prepared inputs, as the load generators serve requests to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emch.backends.network import Feeds, Network


@dataclass(frozen=True)
class Joint:
    """Which axes of an input become those of several requests in one call.

    Attributes
    ----------
    batch : int or None
        The axis along which the requests are set one behind another; None where an input is the
        same for all of them.
    length : int or None
        The axis that is filled up with zeros to the longest request.
    """

    batch: int | None
    length: int | None


class NetworkTarget:
    """See `emch.scenarios.target.Target`.

    Attributes
    ----------
    streams : int
        Calls of the network at once.
    """

    def __init__(
        self, network: Network, feeds: Sequence[Feeds], streams: int, joints: Mapping[str, Joint]
    ) -> None:
        self.streams = streams
        self._network = network
        self._feeds = feeds
        self._joints = joints

    def serve(self, stream: int, requests: Sequence[int]) -> None:  # noqa: ARG002 - the contract
        """Run the network once on the inputs of these requests."""
        found = [self._feeds[request % len(self._feeds)] for request in requests]
        self._network.run(found[0] if len(found) == 1 else join(found, self._joints))


def join(feeds: Sequence[Feeds], joints: Mapping[str, Joint]) -> Feeds:
    """Return the inputs of several requests as those of one call."""
    return {name: _join([each[name] for each in feeds], joints[name]) for name in feeds[0]}


def _join(arrays: Sequence[NDArray[Any]], joint: Joint) -> NDArray[Any]:
    if joint.batch is None:
        return arrays[0]
    if joint.length is None:
        return np.concatenate(arrays, axis=joint.batch)
    longest = max(array.shape[joint.length] for array in arrays)
    shape = list(arrays[0].shape)
    shape[joint.batch] = sum(array.shape[joint.batch] for array in arrays)
    shape[joint.length] = longest
    whole = np.zeros(shape, arrays[0].dtype)
    place, start = [slice(None)] * len(shape), 0
    for array in arrays:
        end = start + array.shape[joint.batch]
        place[joint.batch] = slice(start, end)
        place[joint.length] = slice(array.shape[joint.length])
        whole[tuple(place)] = array
        start = end
    return whole
