"""Networks written node by node in ONNX, each for one thing that signatures or files can have."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET = 17
IR_VERSION = 8
"""What onnxruntime 1.14 and everything later reads."""

WORDS = ("a", "network", "that", "takes", "words")


def two_ranks(path: Path, small: bool) -> None:
    """Write a network of three inputs, of rank 4, 2 and 0, and two outputs."""
    from onnx import TensorProto

    size = 4 if small else 256
    rng = np.random.default_rng(7)
    _write(
        path,
        """
        filtered = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (pixels, filters)
        positive = Relu (filtered)
        pooled = GlobalAveragePool (positive)
        flat = Flatten (pooled)
        shifted = Add (flat, shift)
        scores = Mul (shifted, scale)
        energy = ReduceL2 <axes = [1], keepdims = 0> (scores)
        """,
        inputs={
            "pixels": (TensorProto.FLOAT, ["batch", 3, "height", "width"]),
            "shift": (TensorProto.FLOAT, ["batch", size]),
            "scale": (TensorProto.FLOAT, []),
        },
        outputs={
            "scores": (TensorProto.FLOAT, ["batch", size]),
            "energy": (TensorProto.FLOAT, ["batch"]),
        },
        weights={"filters": _random(rng, size, 3, 3, 3)},
    )


def strings(path: Path, small: bool) -> None:
    """Write a network that looks words up and averages their rows; it gives words back too."""
    from onnx import TensorProto

    size = 4 if small else 256
    rng = np.random.default_rng(7)
    keys = ", ".join(f'"{word}"' for word in WORDS)
    values = ", ".join(str(row + 1) for row in range(len(WORDS)))
    _write(
        path,
        f"""
        ids = ai.onnx.ml.LabelEncoder <keys_strings = [{keys}], values_int64s = [{values}],
            default_int64 = 0> (words)
        rows = Gather (table, ids)
        embedding = ReduceMean <keepdims = 0> (rows, axes)
        marked = StringConcat (words, mark)
        """,
        inputs={"words": (TensorProto.STRING, ["batch", "words"])},
        outputs={
            "embedding": (TensorProto.FLOAT, ["batch", size]),
            "marked": (TensorProto.STRING, ["batch", "words"]),
        },
        weights={
            "table": _random(rng, len(WORDS) + 1, size),
            "axes": np.array([1], dtype=np.int64),
            "mark": np.array(["!"], dtype=object),
        },
        opset=20,  # the first that joins strings
    )


def external(path: Path, small: bool) -> None:
    """Write a network of two layers whose weights are in a file beside it."""
    import onnx

    size = 16 if small else 4096
    _layers(path, size)
    model = onnx.load(path)
    data = f"{path.name}.data"
    path.with_name(data).unlink(missing_ok=True)  # onnx appends to one that is there
    onnx.save(model, path, save_as_external_data=True, location=data, size_threshold=0)


def nan(path: Path, small: bool) -> None:
    """Write a network that gives NaN for numbers below a half."""
    from onnx import TensorProto

    size = 8 if small else 1024
    _write(
        path,
        """
        above = Sub (numbers, half)
        roots = Sqrt (above)
        """,
        inputs={"numbers": (TensorProto.FLOAT, ["batch", size])},
        outputs={"roots": (TensorProto.FLOAT, ["batch", size])},
        weights={"half": np.array(0.5, dtype=np.float32)},
    )


def fixed_batch(path: Path, small: bool) -> None:
    """Write a network whose batch size is 2, in the file."""
    _layers(path, 16 if small else 1024, batch=2)


def no_batch(path: Path, small: bool) -> None:
    """Write a network of one matrix and one vector, neither of which has an axis for a batch."""
    from onnx import TensorProto

    size = 4 if small else 1024
    _write(
        path,
        "product = MatMul (matrix, vector)",
        inputs={
            "matrix": (TensorProto.FLOAT, [2 * size, size]),
            "vector": (TensorProto.FLOAT, [size]),
        },
        outputs={"product": (TensorProto.FLOAT, [2 * size])},
        weights={},
    )


def opset21(path: Path, small: bool) -> None:
    """Write a network in ONNX's opset 21 with onnxscript; its weights are int8 in blocks."""
    import onnx
    from onnxscript import FLOAT, opset21, script

    size, block = (32, 16) if small else (1024, 32)
    rng = np.random.default_rng(7)
    quantized = onnx.numpy_helper.from_array(
        rng.integers(-127, 127, (size, size), dtype=np.int8), "weights"
    )
    scales = onnx.numpy_helper.from_array(
        rng.uniform(0.001, 0.002, (size // block, size)).astype(np.float32), "scales"
    )
    ones = onnx.numpy_helper.from_array(np.ones(size, dtype=np.float32), "ones")

    @script(default_opset=opset21)  # type: ignore[untyped-decorator] # onnxscript is Any to mypy
    def network(features: Any) -> Any:
        weights = opset21.DequantizeLinear(
            opset21.Constant(value=quantized),
            opset21.Constant(value=scales),
            axis=0,
            block_size=block,
        )
        bent = opset21.Gelu(opset21.MatMul(features, weights))
        normal = opset21.LayerNormalization(bent, opset21.Constant(value=ones))
        return opset21.Softmax(normal)

    kind = FLOAT["batch", size]
    model = network.to_model_proto(input_types=[kind], output_types=[kind], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def _layers(path: Path, size: int, batch: int | str = "batch") -> None:
    from onnx import TensorProto

    rng = np.random.default_rng(7)
    _write(
        path,
        """
        wide = MatMul (features, first)
        bent = Relu (wide)
        scores = MatMul (bent, second)
        """,
        inputs={"features": (TensorProto.FLOAT, [batch, size])},
        outputs={"scores": (TensorProto.FLOAT, [batch, size])},
        weights={"first": _random(rng, size, 2 * size), "second": _random(rng, 2 * size, size)},
    )


def _random(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    """Return weights under which numbers keep their size from layer to layer."""
    found: NDArray[np.float32] = rng.standard_normal(shape, dtype=np.float32)
    return found / np.float32(np.sqrt(shape[0]))


def _write(  # noqa: PLR0913 - the parts of a graph
    path: Path,
    nodes: str,
    inputs: Mapping[str, tuple[int, Sequence[int | str]]],
    outputs: Mapping[str, tuple[int, Sequence[int | str]]],
    weights: Mapping[str, NDArray[Any]],
    *,
    opset: int = OPSET,
) -> None:
    """Write a graph whose nodes are in ONNX's own textual form, one behind another."""
    import onnx
    from onnx import helper, numpy_helper, parser

    lines = parser.parse_graph(f"nodes () => () {{ {nodes} }}")
    graph = helper.make_graph(
        lines.node,
        path.stem,
        [helper.make_tensor_value_info(name, *what) for name, what in inputs.items()],
        [helper.make_tensor_value_info(name, *what) for name, what in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())
