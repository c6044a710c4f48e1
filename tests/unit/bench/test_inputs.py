"""Inputs are made of the signature: ids within the table, masks of ones, lengths that are cut."""

from pathlib import Path

import numpy as np
import pytest

from emch.backends.network import Input
from emch.bench.inputs import Inputs
from emch.bench.shapes import resolve
from emch.bench.signature import Signature, read_onnx
from emch.bench.target import Joint, join
from emch.errors import InvalidInput
from evaluation.networks import make

TOKENS = (
    Input("input_ids", "int64", ("batch", "sequence")),
    Input("attention_mask", "int64", ("batch", "sequence")),
    Input("token_type_ids", "int64", ("batch", "sequence")),
    Input("flag", "bool", ()),
)


def inputs(**more: object) -> Inputs:
    signature = Signature(TOKENS, below={"input_ids": 7})
    return Inputs(signature=signature, axes=resolve(TOKENS, None, {}), **more)  # type: ignore[arg-type]


def test_values_are_what_a_network_can_take() -> None:
    first, *others = inputs().make(4)
    assert first["input_ids"].shape == (4, 128)
    assert 0 <= first["input_ids"].min() <= first["input_ids"].max() < 7
    assert first["attention_mask"].all()
    assert not first["token_type_ids"].any()
    assert first["flag"].shape == ()
    assert any((first["input_ids"] != other["input_ids"]).any() for other in others)


def test_same_seed_makes_the_same_inputs() -> None:
    one, two = (inputs(seed=3).make(2)[0]["input_ids"] for _ in range(2))
    assert (one == two).all()
    assert (one != inputs(seed=4).make(2)[0]["input_ids"]).any()


def test_lengths_are_drawn_and_what_is_behind_them_is_masked() -> None:
    for feeds in inputs(lengths=[3, 9]).make(8):
        mask = feeds["attention_mask"]
        assert set(mask.sum(axis=1).tolist()) <= {3, 9}
        assert mask.shape[1] == mask.sum(axis=1).max()
        assert not feeds["input_ids"][mask == 0].any()


def test_file_says_how_many_rows_its_table_has(tmp_path: Path) -> None:
    signature = read_onnx(make("strings.onnx", tmp_path))
    assert [each.dtype for each in signature.inputs] == ["object"]
    assert read_onnx(make("external.onnx", tmp_path)).external == (tmp_path / "external.onnx.data",)
    (tmp_path / "external.onnx.data").unlink()
    with pytest.raises(InvalidInput, match=r"external.onnx.data beside it, which is not there"):
        read_onnx(tmp_path / "external.onnx")


def test_requests_are_joined_along_the_batch_and_filled_up() -> None:
    one = {"ids": np.ones((1, 2), dtype=np.int64), "flag": np.array(1)}
    two = {"ids": np.full((2, 4), 2), "flag": np.array(1)}
    joined = join([one, two], {"ids": Joint(0, 1), "flag": Joint(None, None)})
    assert joined["ids"].tolist() == [[1, 1, 0, 0], [2, 2, 2, 2], [2, 2, 2, 2]]
    assert joined["flag"].shape == ()
