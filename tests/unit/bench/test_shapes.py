"""Free axes are what the user says, what their names say, or a default that is shown."""

import pytest

from emch.backends.network import Input
from emch.bench.shapes import parse_dims, parse_shapes, resolve
from emch.errors import InvalidInput

IDS = Input("input_ids", "int64", ("batch", "sequence"))
PICTURE = Input("pixels", "float32", ("N", "C", "H", "W"))
NAMELESS = Input("x", "float32", ("x.0", "x.1", "x.2", "x.3"))
FIXED = Input("y", "float32", (4, 16))


def test_names_and_places_say_what_axes_are() -> None:
    axes = resolve([IDS], None, {})
    assert axes.shape(IDS, 8) == (8, 128)
    assert (axes.batch_axis(IDS), axes.length_axis(IDS)) == (0, 1)
    assert resolve([PICTURE], None, {}).shape(PICTURE, 2) == (2, 3, 224, 224)
    assert resolve([NAMELESS], None, {}).shape(NAMELESS, 1) == (1, 3, 224, 224)
    assert resolve([FIXED], None, {}).fixed_batch == 4


def test_user_has_the_last_word() -> None:
    axes = resolve([IDS, IDS], parse_shapes("[2,16],[2,16]"), {})
    assert axes.given_batch == 2
    assert axes.shape(IDS, 2) == (2, 16)
    assert not axes.defaults
    assert resolve([IDS], None, parse_dims(["sequence=7"])).shape(IDS, 1) == (1, 7)


@pytest.mark.parametrize(
    ("shapes", "dims", "words"),
    [
        ("[2,16],[2,16]", [], "there are 2 shapes, and the network has 1 inputs"),
        ("[2,16,3]", [], "contradicts"),
        ("[2,16]", ["sequence=8"], "given two sizes, 16 and 8"),
        (None, ["width=8"], "has no free axis 'width'; it has: batch, sequence"),
    ],
)
def test_contradiction_is_refused(shapes: str | None, dims: list[str], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        resolve([IDS], None if shapes is None else parse_shapes(shapes), parse_dims(dims))


@pytest.mark.parametrize("text", ["", "1,128", "[1,a]", "[0,4]", "[1,2"])
def test_what_is_no_shape_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"shapes|below 1"):
        parse_shapes(text)


@pytest.mark.parametrize("texts", [["a"], ["a=0"], ["a=x"], ["=3"], ["a=1", "a=2"]])
def test_what_is_no_size_is_refused(texts: list[str]) -> None:
    with pytest.raises(InvalidInput, match="size"):
        parse_dims(texts)
