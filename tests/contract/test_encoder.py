"""What every backend owes its user: the same texts give the same embeddings, come what may."""

import numpy as np
import pytest

from emch.backends.registry import get_backend
from emch.encoding.check import cosine_to_reference
from emch.encoding.encoder import Encoder
from emch.errors import InvalidInput
from emch.models.agreement import COSINE_LIMITS
from emch.models.probes import PROBES
from emch.models.source import DEFAULT_MODEL

TEXTS = [
    "Aspirin lowers the risk of a second stroke.",
    "Glaciers",
    "A long title about the seasonal migration of arctic terns between the two polar regions",
    "β-blockers",
]


def least_cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.einsum("td,td->t", one, other).min())


def test_embeddings_have_shape_type_and_length_one(loaded: Encoder) -> None:
    embeddings = loaded.encode(TEXTS, batch_size=3)
    assert embeddings.shape == (4, 384)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 4, 16])
def test_probes_are_within_the_limit_of_the_precision(loaded: Encoder, batch_size: int) -> None:
    assert cosine_to_reference(loaded, DEFAULT_MODEL, batch_size) <= 1.00001


def test_padding_does_not_change_an_embedding(backend: str, loaded: Encoder) -> None:
    alone = loaded.encode(TEXTS, batch_size=1)
    together = loaded.encode(TEXTS, batch_size=len(TEXTS))
    assert least_cosine(alone, together) >= COSINE_LIMITS[get_backend(backend).precision]


def test_order_of_texts_is_kept(loaded: Encoder) -> None:
    embeddings = loaded.encode(TEXTS, batch_size=2)
    turned = loaded.encode(TEXTS[::-1], batch_size=2)[::-1]
    assert (embeddings @ turned.T).argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_empty_text_has_an_embedding(loaded: Encoder) -> None:
    embeddings = loaded.encode(["", "not empty"], batch_size=2)
    assert np.isfinite(embeddings).all()
    assert embeddings[0] @ embeddings[1] < 0.9


def test_no_texts_give_no_rows(loaded: Encoder) -> None:
    assert loaded.encode([]).shape == (0, 384)


def test_overlong_text_is_cut_at_the_limit(loaded: Encoder) -> None:
    limit = "word " * 254  # and the two special tokens make 256
    longer = limit + "something else altogether " * 100
    one, other = loaded.encode([limit], 1), loaded.encode([longer], 1)
    assert least_cosine(one, other) > 0.9999


def test_same_call_gives_the_same_bits(loaded: Encoder) -> None:
    first, second = loaded.encode(PROBES, 4), loaded.encode(PROBES, 4)
    np.testing.assert_array_equal(first, second)


def test_batch_size_zero_and_a_single_text_are_refused(loaded: Encoder) -> None:
    with pytest.raises(InvalidInput, match="at least 1, not 0"):
        loaded.encode(TEXTS, batch_size=0)
    with pytest.raises(InvalidInput, match="not a single text"):
        loaded.encode("a single text")
