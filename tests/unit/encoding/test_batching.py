"""Every text goes through the engine once, padded on the right, the longest first."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from emch.encoding.batching import batches, tokenize
from emch.models.tokenizer import load_tokenizer, write_tokenizer

Tokens = list[list[int]]

# No id is 0, so that padding can be told from tokens.
TOKENS = st.lists(st.lists(st.integers(1, 30_000), min_size=1, max_size=12), max_size=30)
BATCH_SIZES = st.integers(1, 40)


@given(TOKENS, BATCH_SIZES)
def test_every_row_comes_once_with_its_own_tokens(tokens: Tokens, batch_size: int) -> None:
    found = {
        int(row): ids[ids != 0].tolist()
        for batch in batches(tokens, batch_size, pad_id=0)
        for row, ids in zip(batch.rows, batch.input_ids, strict=True)
    }
    assert found == dict(enumerate(tokens))
    assert sum(len(batch.rows) for batch in batches(tokens, batch_size, pad_id=0)) == len(tokens)


@given(TOKENS, BATCH_SIZES)
def test_padding_is_on_the_right_and_masked(tokens: Tokens, batch_size: int) -> None:
    for batch in batches(tokens, batch_size, pad_id=0):
        lengths = [len(tokens[row]) for row in batch.rows]
        assert batch.attention_mask.sum(axis=1).tolist() == lengths
        assert (np.diff(batch.attention_mask, axis=1) <= 0).all()
        np.testing.assert_array_equal(batch.input_ids != 0, batch.attention_mask == 1)


@given(TOKENS, BATCH_SIZES)
def test_batches_are_full_except_the_last(tokens: Tokens, batch_size: int) -> None:
    sizes = [len(batch.rows) for batch in batches(tokens, batch_size, pad_id=0)]
    assert all(size == batch_size for size in sizes[:-1])
    assert len(sizes) == -(-len(tokens) // batch_size)


@given(TOKENS, BATCH_SIZES)
def test_longest_texts_come_first_and_no_batch_is_wider_than_its_longest(
    tokens: Tokens, batch_size: int
) -> None:
    made = list(batches(tokens, batch_size, pad_id=0))
    lengths = [len(tokens[row]) for batch in made for row in batch.rows]
    assert lengths == sorted(map(len, tokens), reverse=True)
    widths = [batch.input_ids.shape[1] for batch in made]
    assert widths == [max(len(tokens[row]) for row in batch.rows) for batch in made]


def test_first_batch_takes_the_most_memory() -> None:
    tokens = [[1] * length for length in (1, 9, 2, 8, 3, 7, 4)]
    cells = [batch.input_ids.size for batch in batches(tokens, 2, pad_id=0)]
    assert cells[0] == max(cells) == 18


def test_texts_of_one_length_keep_their_order() -> None:
    (batch,) = batches([[5], [6], [7]], 3, pad_id=0)
    assert batch.rows.tolist() == [0, 1, 2]


def test_arrays_are_int64() -> None:
    (batch,) = batches([[5, 6], [7]], 2, pad_id=9)
    assert {batch.rows.dtype, batch.input_ids.dtype, batch.attention_mask.dtype} == {
        np.dtype(np.int64)
    }


def test_padding_is_the_token_that_the_model_has_for_it() -> None:
    (batch,) = batches([[5, 6, 0], [7]], 2, pad_id=9)
    assert batch.input_ids.tolist() == [[5, 6, 0], [7, 9, 9]]
    assert batch.attention_mask.tolist() == [[1, 1, 1], [1, 0, 0]]


class Original:
    """A fast tokenizer of transformers, as far as emch asks it."""

    def __init__(self, side: str) -> None:
        self.truncation_side = side
        self.backend_tokenizer = Tokenizer(WordLevel({"one": 1, "two": 2}))
        self.backend_tokenizer.pre_tokenizer = Whitespace()
        self.backend_tokenizer.enable_padding(length=8)
        self.backend_tokenizer.enable_truncation(2)


@pytest.mark.parametrize(("side", "kept"), [("right", [2, 2, 1]), ("left", [2, 1, 2])])
def test_tokenizer_cuts_at_our_limit_on_its_side_and_pads_nothing(
    tmp_path: Path, side: str, kept: list[int]
) -> None:
    written = write_tokenizer(Original(side), 3, tmp_path)
    texts = ["one", "two two one two"]
    for tokenizer in (written, load_tokenizer(tmp_path)):
        assert tokenize(tokenizer, texts) == [[1], kept]
