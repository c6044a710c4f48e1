"""What the file of a network says of its inputs, read without an engine."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emch.backends.network import Input, free_axis
from emch.errors import InvalidInput, Unavailable, in_words

PASSING = frozenset({
    "Cast", "Clip", "Expand", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze",
})  # fmt: skip
"""Operators whose output has the values of their first input."""

QUANTIZED = frozenset({
    "ConvInteger", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "QLinearConv",
    "QLinearMatMul", "QuantizeLinear",
})  # fmt: skip


@dataclass(frozen=True)
class Signature:
    """The inputs of a network, and what else its file says.

    Attributes
    ----------
    inputs : tuple of Input
        In the order of the file.
    below : mapping of str to int
        What the integers of an input must be below, by its name: the rows of the table that they
        are looked up in.
    quantized : bool
        Whether parts of it compute in int8.
    external : tuple of Path
        The files beside it that have some of its weights.
    """

    inputs: tuple[Input, ...]
    below: Mapping[str, int] = field(default_factory=dict)
    quantized: bool = False
    external: tuple[Path, ...] = ()


def read_onnx(path: Path) -> Signature:
    """Read the signature of an ONNX file.

    Raises
    ------
    Unavailable
        The package `onnx` is not installed.
    InvalidInput
        It is no ONNX file, or only the beginning of one, or a file of its weights is missing.
    """
    try:
        import onnx
    except ImportError as error:
        raise Unavailable("onnx is not installed: pip install 'emch[bench]'") from error
    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as error:  # protobuf's error, whose module differs between its releases
        raise _no_network(path, in_words(error)) from error
    graph = model.graph
    if not (model.ir_version and graph.node and graph.output):
        raise _no_network(path, "it has no graph")
    constants = {tensor.name for tensor in graph.initializer}
    inputs = tuple(_describe(value) for value in graph.input if value.name not in constants)
    return Signature(
        inputs,
        below={each.name: rows for each in inputs if (rows := _rows(graph, each.name))},
        quantized=any(node.op_type in QUANTIZED for node in graph.node),
        external=tuple(_external(path, graph.initializer)),
    )


def _no_network(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"{path} is no ONNX file, or not a whole one ({why}): export or copy it again"
    )


def _describe(value: Any) -> Input:
    """Return what an input of a graph is; ONNX's TensorProto names the types."""
    from onnx.helper import tensor_dtype_to_np_dtype

    tensor = value.type.tensor_type
    if not tensor.elem_type:
        raise InvalidInput(
            f"the input '{value.name}' is no tensor, and emch has no values for anything else"
        )
    shape = tuple(
        size.dim_value or size.dim_param or free_axis(value.name, axis)
        for axis, size in enumerate(tensor.shape.dim)
    )
    return Input(value.name, tensor_dtype_to_np_dtype(tensor.elem_type).name, shape)


def _external(path: Path, tensors: Iterable[Any]) -> Iterator[Path]:
    """Yield the files beside a model that have its weights, each once."""
    places = {
        entry.value
        for tensor in tensors
        for entry in tensor.external_data
        if entry.key == "location"
    }
    for place in sorted(places):
        file = path.parent / place
        if not file.is_file():
            raise InvalidInput(
                f"{path} keeps weights in the file {place} beside it, which is not there: copy both"
            )
        yield file


def _rows(graph: Any, name: str) -> int | None:
    """Return the rows of the smallest table in which the values of an input are looked up."""
    users = defaultdict(list)
    makers = {}
    for node in graph.node:
        for taken in node.input:
            users[taken].append(node)
        for given in node.output:
            makers[given] = node
    sizes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    found, seen, ahead = [], {name}, [name]
    while ahead:
        tensor = ahead.pop()
        for node in users[tensor]:
            if node.op_type == "Gather" and node.input[1] == tensor:
                found += _size(node, makers, sizes)
            elif node.op_type in PASSING and node.input[0] == tensor:
                further = set(node.output) - seen
                seen |= further
                ahead += further
    return min(found, default=None)


def _size(gather: Any, makers: Mapping[str, Any], sizes: Mapping[str, list[int]]) -> list[int]:
    """Return the size of the axis of a constant table that is looked up, if it is one."""
    table = gather.input[0]
    while table not in sizes and table in makers:
        maker = makers[table]
        if maker.op_type == "Constant":
            dims = [list(each.t.dims) for each in maker.attribute if each.name == "value"]
            return _axis(gather, dims[0]) if dims else []
        if maker.op_type not in ("Cast", "DequantizeLinear", "Identity"):
            return []
        table = maker.input[0]
    return _axis(gather, sizes[table]) if table in sizes else []


def _axis(gather: Any, dims: list[int]) -> list[int]:
    axis = next((each.i for each in gather.attribute if each.name == "axis"), 0)
    return [dims[axis]] if dims else []
