"""The inputs of pipelines: slices that have each of them once, and the same wherever made."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emch.beam.asked import Asked
from emch.beam.work.inputs import (
    LENGTHS,
    Generated,
    find_source,
    make_image,
    make_sentence,
    slice_size,
)
from emch.errors import InvalidInput


@given(st.integers(1, 5_000), st.integers(1, 64))
def test_slices_have_each_input_once(count: int, workers: int) -> None:
    slices = list(Generated(images=False, count=count, seed=1).slices(slice_size(count, workers)))
    places = [place for part in slices for place in range(part.first, part.first + part.size)]
    assert places == list(range(count))
    assert [part.number for part in slices] == list(range(len(slices)))


def test_generated_inputs_depend_on_seed_and_place_alone() -> None:
    assert make_sentence(1, 5) == make_sentence(1, 5)
    assert len({make_sentence(1, 5), make_sentence(1, 6), make_sentence(2, 5)}) == 3
    lengths = {len(make_sentence(0, place).split()) for place in range(500)}
    assert lengths <= set(LENGTHS)
    assert len(lengths) > 20
    np.testing.assert_array_equal(make_image(1, 5), make_image(1, 5))
    assert (make_image(1, 5) != make_image(1, 6)).any()


def test_lines_are_read_back_by_their_offsets(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_bytes("one\n\n  \ntwo ü\r\nthree\xff\nfour".encode("latin-1"))
    source = find_source("language-modeling", str(file), 3, 0)
    slices = list(source.slices(2))
    assert [part.size for part in slices] == [2, 1]
    assert [raw for part in slices for raw in source.read(part)] == [
        b"one",
        b"two \xfc",
        b"three\xff",
    ]


def test_images_of_a_folder_are_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpg", "c.txt", "d.webp"):
        (tmp_path / name).touch()
    source = find_source("image-classification", str(tmp_path), 2, 0)
    (part,) = source.slices(10)
    assert list(source.read(part)) == [tmp_path / "a.jpg", tmp_path / "b.PNG"]


@pytest.mark.parametrize(
    ("task", "data", "message"),
    [
        ("image-classification", "missing", "--images .*missing: no such folder"),
        ("language-modeling", "missing", "--texts .*missing: no such file"),
        ("sentence-encoding", ".", "--texts .*: no such file"),
        ("image-classification", "texts.txt", "--images .*: no such folder"),
    ],
)
def test_data_that_is_not_there_is_refused(
    task: str, data: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "texts.txt").touch()
    with pytest.raises(InvalidInput, match=message):
        find_source(task, str(tmp_path / data), 10, 0)


@pytest.mark.parametrize(
    ("task", "data"), [("sentence-encoding", "empty"), ("image-classification", ".")]
)
def test_data_with_nothing_in_it_is_refused(task: str, data: str, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n \n")
    with pytest.raises(InvalidInput, match=r"has no (text|images)"):
        list(find_source(task, str(tmp_path / data), 10, 0).slices(5))


def asked(**given: object) -> Asked:
    common = {
        "task": "language-modeling", "model": "m", "backend": "pytorch", "threads": 1,
        "min_batch_size": 1, "max_batch_size": 8, "out": "",
    }  # fmt: skip
    return Asked(**{**common, **given})  # type: ignore[arg-type] # as the command line gives them


def test_what_is_asked_for_comes_to_the_process_whole() -> None:
    wanted = asked(options=("--a=1", "--b"), by_length=True, data="texts.txt")
    assert Asked.from_json(wanted.to_json()) == wanted


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_batch_size": 9}, "--min-batch-size 9 is greater than --max-batch-size 8"),
        ({"task": "image-classification", "by_length": True}, "--by-length is for texts"),
    ],
)
def test_what_contradicts_itself_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        asked(**given)
