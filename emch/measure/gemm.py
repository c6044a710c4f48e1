"""The machine's peak: the fastest product of two square matrices, by precision, in FLOP/s."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emch.errors import Unavailable, WrongProduct

FloatArray = NDArray[np.floating[Any]]

SIZES = (1024, 2048, 3072)
BLOCKS = 7
BLOCK_S = 0.25
TOLERANCE = {"fp32": 1e-4, "bf16": 2e-2, "int8": 0.0}
"""How far a product may be from the exact one, of the largest element."""


def gemm_peak(precision: str, threads: int) -> list[float]:
    """Measure the machine's peak at a precision.

    Parameters
    ----------
    precision : {"fp32", "bf16", "int8"}
        PyTorch multiplies fp32 and bf16, ONNX Runtime int8 (u8 by s8 into int32).
    threads : int
        Threads of the library.

    Returns
    -------
    list of float
        FLOP/s of each block of calls with the size of matrix that was fastest, where a
        multiplication with its addition counts as 2.

    Raises
    ------
    WrongProduct
        A row of the product is further from the exact one than the precision explains.
    """
    make = int8_product if precision == "int8" else torch_product
    found = [_rates(make(precision, size, threads), size, precision) for size in SIZES]
    return max(found, key=lambda rates: float(np.median(rates)))


class Product(NamedTuple):
    """A callable that multiplies, one that reads a product's first row, and the exact row."""

    call: Callable[[], Any]
    first_row: Callable[[Any], FloatArray]
    exact: FloatArray


def torch_product(precision: str, size: int, threads: int) -> Product:
    """Multiply with PyTorch."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    left, right = (torch.randn(size, size).to(dtype) for _ in range(2))
    exact = (left[0].double() @ right.double()).numpy()
    return Product(lambda: left @ right, lambda product: product[0].float().numpy(), exact)


def int8_product(_: str, size: int, threads: int) -> Product:
    """Multiply with ONNX Runtime, the right matrix being a constant as a model's weights are."""
    try:
        import onnx
    except ImportError as error:
        raise Unavailable(
            f"the product cannot be described ({error}): pip install 'emch[prepare]'"
        ) from error
    import onnxruntime

    rng = np.random.default_rng(0)
    left = rng.integers(0, 128, (size, size), dtype=np.uint8)
    right = rng.integers(-128, 128, (size, size), dtype=np.int8)
    node = onnx.helper.make_node("MatMulInteger", ["left", "right"], ["product"])
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node],
        "gemm",
        [value("left", onnx.TensorProto.UINT8, [size, size])],
        [value("product", onnx.TensorProto.INT32, [size, size])],
        [onnx.numpy_helper.from_array(right, "right")],
    )
    opset = onnx.helper.make_opsetid("", 13)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    exact = left[0].astype(np.float64) @ right.astype(np.float64)
    return Product(lambda: session.run(None, {"left": left})[0], lambda product: product[0], exact)


def _rates(product: Product, size: int, precision: str) -> list[float]:
    row = product.first_row(product.call())
    if np.abs(row - product.exact).max() > TOLERANCE[precision] * np.abs(product.exact).max():
        raise WrongProduct(f"a product of {size} x {size} in {precision} is wrong")
    return [_rate(product.call, size) for _ in range(BLOCKS)]


def _rate(call: Callable[[], Any], size: int) -> float:
    start, calls = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - start) < BLOCK_S:
        call()
        calls += 1
    return 2 * size**3 * calls / elapsed
