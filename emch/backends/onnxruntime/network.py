"""Any ONNX graph in ONNX Runtime."""

from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import Any

from numpy.typing import NDArray

from emch.backends.base import SessionInfo
from emch.backends.network import Feeds, Input, Network, free_axis
from emch.backends.onnxruntime.profile import profile
from emch.backends.profile import Operator

DTYPES = {"float": "float32", "double": "float64", "string": "object"}
"""Numpy's names, where ONNX Runtime has others."""


class OnnxRuntimeNetwork(Network):
    """Sessions of ONNX Runtime over arrays by name, one for each stream.

    Parameters
    ----------
    sessions : sequence of onnxruntime.InferenceSession
        All of the same network.
    info : SessionInfo
        What they use together.
    make : callable
        Makes one more session, with options of ONNX Runtime's own.

    Attributes
    ----------
    session : onnxruntime.InferenceSession
        The first of them.
    """

    def __init__(
        self, sessions: Sequence[Any], info: SessionInfo, make: Callable[[Any], Any]
    ) -> None:
        self.info = info
        self.session = sessions[0]
        self.inputs = tuple(_describe(node) for node in self.session.get_inputs())
        self._outputs = [node.name for node in self.session.get_outputs()]
        self._make = make
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for session in sessions:
            self._idle.put(session)

    def run(self, feeds: Feeds) -> dict[str, NDArray[Any]]:
        """Run it once, once a session is idle; see `Network.run`."""
        return dict(zip(self._outputs, self.run_for(None, feeds), strict=True))

    def run_for(self, outputs: list[str] | None, feeds: Mapping[str, Any]) -> list[NDArray[Any]]:
        """Run it once and return some outputs, in their order; None stands for all."""
        found: list[NDArray[Any]]
        if self.info.streams == 1:
            found = self.session.run(outputs, feeds)
            return found
        session = self._idle.get()
        try:
            found = session.run(outputs, feeds)
        finally:
            self._idle.put(session)
        return found

    def profile(self, feeds: Sequence[Feeds], calls: int) -> list[Operator]:
        """Run one more session, with ONNX Runtime's profile; see `Network.profile`."""
        return profile(self.session.get_session_options(), self._make, feeds, calls)


def _describe(node: Any) -> Input:
    kind = node.type.removeprefix("tensor(").removesuffix(")")
    shape = tuple(
        free_axis(node.name, axis) if size is None else size for axis, size in enumerate(node.shape)
    )
    return Input(node.name, DTYPES.get(kind, kind), shape)
