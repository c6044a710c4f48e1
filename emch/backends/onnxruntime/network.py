"""Any ONNX graph in ONNX Runtime."""

from typing import Any

from numpy.typing import NDArray

from emch.backends.base import SessionInfo
from emch.backends.network import Feeds, Input, Network, free_axis

DTYPES = {"float": "float32", "double": "float64", "string": "object"}
"""Numpy's names, where ONNX Runtime has others."""


class OnnxRuntimeNetwork(Network):
    """A session of ONNX Runtime over arrays by name.

    Attributes
    ----------
    session : onnxruntime.InferenceSession
        Its own.
    """

    def __init__(self, session: Any, info: SessionInfo) -> None:
        self.info = info
        self.session = session
        self.inputs = tuple(_describe(node) for node in session.get_inputs())
        self._outputs = [node.name for node in session.get_outputs()]

    def run(self, feeds: Feeds) -> dict[str, NDArray[Any]]:
        """Run it once; see `Network.run`."""
        return dict(zip(self._outputs, self.session.run(None, feeds), strict=True))


def _describe(node: Any) -> Input:
    kind = node.type.removeprefix("tensor(").removesuffix(")")
    shape = tuple(
        free_axis(node.name, axis) if size is None else size for axis, size in enumerate(node.shape)
    )
    return Input(node.name, DTYPES.get(kind, kind), shape)
