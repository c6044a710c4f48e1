"""What a load is put on."""

from collections.abc import Sequence
from typing import Protocol


class Target(Protocol):
    """What serves requests: a network with prepared inputs, or a stub.

    Attributes
    ----------
    streams : int
        Calls that it takes at once, each from a thread of its own.
    """

    @property
    def streams(self) -> int: ...  # noqa: D102 - above

    def serve(self, stream: int, requests: Sequence[int]) -> None:
        """Serve some requests in one call, and return when their answers are there.

        Parameters
        ----------
        stream : int
            Which of the streams calls, from 0; one call of a stream ends before its next begins.
        requests : sequence of int
            Numbers of requests, from 0 and ever increasing; the target maps a number to one of its
            prepared inputs by modulo. More than one comes from the scenario `elastic` alone.

        Raises
        ------
        Exception
            A request fails: the run ends with that, and there is no figure.
        """
