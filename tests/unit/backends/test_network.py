"""What does not fit a network is refused before it is run, and a token session is a network too."""

import numpy as np
import pytest

from emch.arrays import FloatArray, IntArray
from emch.backends.base import SessionInfo
from emch.backends.network import Input, TokenNetwork, require_fit
from emch.errors import InvalidInput

INFO = SessionInfo(threads=1, precision="fp32", provider="none", library="none 1")
IDS = np.ones((2, 5), dtype=np.int64)


def run(input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
    return (input_ids + 10 * attention_mask).astype(np.float32)


NETWORK = TokenNetwork(run, INFO, "pooled")


def test_session_of_tokens_has_its_two_inputs_by_name() -> None:
    assert NETWORK.inputs == (
        Input("input_ids", "int64", ("batch", "tokens")),
        Input("attention_mask", "int64", ("batch", "tokens")),
    )
    feeds = {"attention_mask": 0 * IDS, "input_ids": IDS}
    require_fit(NETWORK, feeds)
    found = NETWORK.run(feeds)
    assert list(found) == ["pooled"]
    np.testing.assert_array_equal(found["pooled"], IDS)


@pytest.mark.parametrize(
    ("feeds", "words"),
    [
        ({"input_ids": IDS}, "takes input_ids, attention_mask, and is given input_ids$"),
        ({}, "is given nothing"),
        ({"input_ids": IDS, "attention_mask": IDS, "x": IDS}, "is given .*x"),
        ({"input_ids": IDS, "attention_mask": IDS.astype(float)}, "is int64, and not float64"),
        ({"input_ids": IDS, "attention_mask": IDS[:1]}, r"\[batch, tokens\], and not \[1, 5\]"),
        ({"input_ids": IDS, "attention_mask": IDS[0]}, r"and not \[5\]"),
        ({"input_ids": IDS[..., None], "attention_mask": IDS}, r"and not \[2, 5, 1\]"),
    ],
)
def test_what_does_not_fit_is_refused(feeds: dict[str, np.ndarray], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        require_fit(NETWORK, feeds)
