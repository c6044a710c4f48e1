"""Pooling sees tokens only, as sentence-transformers does, and so do the steps after it."""

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emch.arrays import FloatArray
from emch.models.head import ACTIVATIONS, POOLINGS, Step, normalize, pool

Require = Callable[[object, str], None]

HIDDEN = np.array([[[1, 2], [3, 6], [90, 90]], [[4, 4], [8, 8], [0, 4]]], dtype=np.float32)
MASK = np.array([[1, 1, 0], [1, 1, 1]])
VALUES = st.floats(-100, 100, width=32)
RANDOM = np.random.default_rng(3)

EXPECTED = {
    "mean": [[2, 4], [4, 16 / 3]],
    "cls": [[1, 2], [4, 4]],
    "lasttoken": [[3, 6], [0, 4]],
    "max": [[3, 6], [8, 8]],
    "mean_sqrt_len_tokens": [[4 / 2**0.5, 8 / 2**0.5], [12 / 3**0.5, 16 / 3**0.5]],
    "weightedmean": [[7 / 3, 14 / 3], [20 / 6, 32 / 6]],
}


def test_every_mode_has_its_value() -> None:
    assert set(EXPECTED) == set(POOLINGS)


@pytest.mark.parametrize("mode", POOLINGS)
def test_mode_is_what_its_name_says(mode: str) -> None:
    np.testing.assert_allclose(pool(HIDDEN, MASK, [mode]), EXPECTED[mode], rtol=1e-6)


@pytest.mark.parametrize("mode", POOLINGS)
def test_mode_is_that_of_sentence_transformers(require: Require, mode: str) -> None:
    require(find_spec("sentence_transformers"), "pip install 'emch[sentence-transformers]'")
    import torch
    from sentence_transformers.sentence_transformer.modules import Pooling

    hidden = RANDOM.normal(size=(3, 5, 4)).astype(np.float32)
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [1, 1, 1, 1, 0]])
    features = {
        "token_embeddings": torch.from_numpy(hidden),
        "attention_mask": torch.from_numpy(mask),
    }
    theirs = Pooling(4, pooling_mode=mode)(dict(features))["sentence_embedding"].numpy()
    np.testing.assert_allclose(pool(hidden, mask, [mode]), theirs, rtol=1e-5, atol=1e-6)
    features["prompt_length"] = 1
    pooling = Pooling(4, pooling_mode=mode, include_prompt=False)
    theirs = pooling(features)["sentence_embedding"].numpy()
    mask[:, 0] = 0
    np.testing.assert_allclose(pool(hidden, mask, [mode]), theirs, rtol=1e-5, atol=1e-6)


def test_several_modes_stand_one_after_the_other() -> None:
    both = pool(HIDDEN, MASK, ["max", "mean"])
    np.testing.assert_allclose(both[:, :2], EXPECTED["max"])
    np.testing.assert_allclose(both[:, 2:], EXPECTED["mean"], rtol=1e-6)


@pytest.mark.parametrize("garbage", [0.0, -1e30, 1e30])
@pytest.mark.parametrize("mode", POOLINGS)
def test_what_stands_at_padding_changes_nothing(mode: str, garbage: float) -> None:
    hidden = HIDDEN.copy()
    hidden[0, 2] = garbage
    np.testing.assert_array_equal(pool(hidden, MASK, [mode]), pool(HIDDEN, MASK, [mode]))


@given(
    arrays(np.float32, (3, 4, 2), elements=VALUES),
    st.lists(st.integers(1, 4), min_size=3, max_size=3),
)
def test_mean_is_that_of_each_text_alone(hidden: FloatArray, lengths: list[int]) -> None:
    mask = (np.arange(4) < np.array(lengths)[:, None]).astype(np.int64)
    alone = [row[:length].mean(axis=0) for row, length in zip(hidden, lengths, strict=True)]
    np.testing.assert_allclose(pool(hidden, mask, ["mean"]), alone, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("mode", POOLINGS)
def test_pooled_is_float32(mode: str) -> None:
    assert pool(HIDDEN, MASK, [mode]).dtype == np.float32


@given(arrays(np.float32, (5, 3), elements=st.floats(np.float32(0.01), 100, width=32)))
def test_normalized_rows_have_length_one_and_their_old_direction(rows: FloatArray) -> None:
    scaled = normalize(rows)
    np.testing.assert_allclose(np.linalg.norm(scaled, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(scaled * np.linalg.norm(rows, axis=1)[:, None], rows, rtol=1e-5)
    assert scaled.dtype == np.float32


def test_row_of_zeros_is_no_nan() -> None:
    np.testing.assert_array_equal(normalize(np.zeros((2, 3), dtype=np.float32)), np.zeros((2, 3)))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("bias", [True, False])
def test_dense_is_that_of_pytorch(require: Require, activation: str, bias: bool) -> None:
    require(find_spec("torch"), "pip install 'emch[pytorch]'")
    import torch

    layer = torch.nn.Linear(4, 2, bias=bias)
    weight, offset = (
        None if each is None else each.detach().numpy() for each in (layer.weight, layer.bias)
    )
    states = RANDOM.normal(size=(3, 4)).astype(np.float32)
    theirs = getattr(torch.nn, activation)()(layer(torch.from_numpy(states))).detach().numpy()
    found = Step("Dense", activation, weight=weight, bias=offset)(states)
    np.testing.assert_allclose(found, theirs, rtol=1e-5, atol=1e-6)


def test_layer_norm_is_that_of_pytorch(require: Require) -> None:
    require(find_spec("torch"), "pip install 'emch[pytorch]'")
    import torch

    norm = torch.nn.LayerNorm(4, eps=0.1)
    norm.weight.data = torch.tensor([1.0, 2.0, -1.0, 0.5])
    norm.bias.data = torch.tensor([0.0, 1.0, 2.0, 3.0])
    states = RANDOM.normal(size=(3, 4)).astype(np.float32)
    theirs = norm(torch.from_numpy(states)).detach().numpy()
    weight, bias = norm.weight.detach().numpy(), norm.bias.detach().numpy()
    found = Step("LayerNorm", epsilon=norm.eps, weight=weight, bias=bias)(states)
    np.testing.assert_allclose(found, theirs, rtol=1e-5, atol=1e-6)
