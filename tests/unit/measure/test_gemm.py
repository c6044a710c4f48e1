"""The peak comes from products that are right, and a wrong one is no figure."""

from collections.abc import Callable

import numpy as np
import pytest

from emch.errors import WrongProduct
from emch.measure import gemm
from emch.measure.gemm import Product, gemm_peak

SMALL = (64, 128)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gemm, "SIZES", SMALL)
    monkeypatch.setattr(gemm, "BLOCK_S", 0.001)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_each_precision_has_a_rate_for_each_block(precision: str) -> None:
    rates = gemm_peak(precision, threads=1)
    assert len(rates) == gemm.BLOCKS
    assert min(rates) > 0


def test_wrong_product_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    make: Callable[[str, int, int], Product] = gemm.torch_product

    def wrong(precision: str, size: int, threads: int) -> Product:
        product = make(precision, size, threads)
        return product._replace(exact=product.exact + np.abs(product.exact).max())

    monkeypatch.setattr(gemm, "torch_product", wrong)
    with pytest.raises(WrongProduct, match="64 x 64 in fp32"):
        gemm_peak("fp32", threads=1)
