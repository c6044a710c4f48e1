"""Cut a part out of a network in ONNX, by the names that PyTorch's modules leave on its nodes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emch.arrays import FloatArray
from emch.errors import Unavailable

PREFIXES = {"embeddings": "/embeddings/", "layer": "/encoder/layer.0/", "encoder": "/encoder/"}

Feeds = Mapping[str, NDArray[np.generic]]


def cut_onnx(session: Any, path: Path, name: str) -> Callable[[Feeds], Callable[[], FloatArray]]:
    """Open a part as a session of its own, in memory, with the options of the whole network.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        The session of the whole network.
    path : Path
        The file that it was loaded from.
    name : str
        A key of `PREFIXES`.

    Returns
    -------
    callable
        Takes the inputs of the network; returns a callable that runs the part on its own inputs.

    Raises
    ------
    Unavailable
        onnx is not installed, or the graph has no such part with one output.
    """
    part, whole = _split(path, name)
    part_session, whole_session = _open_like(session, part), _open_like(session, whole)
    taken = [node.name for node in part_session.get_inputs()]
    seen = [node.name for node in whole_session.get_outputs()]

    def on(feeds: Feeds) -> Callable[[], FloatArray]:
        found = {**feeds, **dict(zip(seen, whole_session.run(None, feeds), strict=True))}
        handed = {tensor: found[tensor] for tensor in taken}
        return lambda: part_session.run(None, handed)[0]

    return on


def _split(path: Path, name: str) -> tuple[Any, Any]:
    """Return a part, and the whole network with the inputs of that part among its outputs."""
    try:
        import onnx
        from onnx.utils import Extractor
    except ImportError as error:
        raise Unavailable(f"cutting needs onnx ({error}): pip install 'emch[prepare]'") from error
    whole = onnx.shape_inference.infer_shapes(onnx.load(path))
    extractor = Extractor(whole)
    taken, given = border(whole.graph, PREFIXES[name])
    if len(given) != 1 or not taken | given <= extractor.value_infos.keys():
        raise Unavailable(f"{path} has no part '{name}' that can be cut out")
    part = extractor.extract_model(sorted(taken), sorted(given))
    # With onnx's shapes inside, ONNX Runtime would fuse more than it does in the whole.
    del part.graph.value_info[:]
    inner = taken - {tensor.name for tensor in whole.graph.input}
    whole.graph.output.extend(extractor.value_infos[tensor] for tensor in sorted(inner))
    return part, whole


def border(graph: Any, prefix: str) -> tuple[set[str], set[str]]:
    """Return the tensors that nodes of a prefix take from outside and give to it; no constants."""
    nodes = [node for node in graph.node if node.op_type != "Constant"]
    inside = [node for node in nodes if node.name.startswith(prefix)]
    outside = [node for node in nodes if not node.name.startswith(prefix)]
    made_outside = {tensor.name for tensor in graph.input} | _names(outside, "output")
    used_outside = {tensor.name for tensor in graph.output} | _names(outside, "input")
    taken = _names(inside, "input") & made_outside
    return taken, _names(inside, "output") & used_outside


def _names(nodes: list[Any], side: str) -> set[str]:
    return {tensor for node in nodes for tensor in getattr(node, side)}


def _open_like(session: Any, model: Any) -> Any:
    """Open a model with the options and the provider of a session."""
    import onnxruntime

    provider = session.get_providers()[0]
    return onnxruntime.InferenceSession(
        model.SerializeToString(),
        session.get_session_options(),
        providers=[provider],
        provider_options=[session.get_provider_options()[provider]],
    )
