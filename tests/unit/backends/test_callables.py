"""A function of a project's own as a backend: by its place, and held against its first answers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emch.backends.registry import get_backend, make_options, require_available
from emch.encoding.encoder import encoder
from emch.encoding.first import TEXTS, answer_texts, hold_against_first, write_first
from emch.errors import BrokenEngine, InvalidInput, Unavailable, WrongAnswer

SOURCE = """
import numpy as np

SIZES = []

def lengths(texts):
    SIZES.append(len(texts))
    return [[len(text), 1.0] for text in texts]

def flat(texts):
    return np.ones(len(texts))

def one(texts):
    return [[1.0, 2.0]]

def words(texts):
    return texts

def ragged(texts):
    return np.ones((len(texts), len(texts)))

number = 3
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_cache: Path) -> str:
    """Return the name of a module that has the functions above."""
    assert not empty_cache.exists()
    name = f"functions_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    return name


def test_function_gets_a_batch_at_a_time_and_keeps_the_order(module: str) -> None:
    used = encoder(f"{module}:lengths")
    found = used.encode(["a", "bbb", "cc", "dddd", ""], batch_size=2)
    assert found.dtype == np.float32
    assert found.tolist() == [[1, 1], [3, 1], [2, 1], [4, 1], [0, 1]]
    assert __import__(module).SIZES == [2, 2, 1]
    assert used.artifact.own
    assert used.info.precision == "any"


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("flat", r"an array of shape \[2\] for 2 texts: it has to be \[texts, size\]"),
        ("one", r"an array of shape \[1, 2\] for 2 texts"),
        ("words", "returns a list that is no array"),
        ("ragged", "embeddings of several sizes"),
    ],
)
def test_what_is_no_array_of_embeddings_is_refused(module: str, function: str, said: str) -> None:
    with pytest.raises(WrongAnswer, match=said):
        encoder(f"{module}:{function}").encode(["a", "b", "c"], batch_size=2)


@pytest.mark.parametrize("name", ["number", "absent", "not-a-name"])
def test_what_is_no_function_is_no_backend(module: str, name: str) -> None:
    with pytest.raises(InvalidInput, match="function"):
        get_backend(f"{module}:{name}")


def test_module_that_raises_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "raises_at_import.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BrokenEngine, match="ZeroDivisionError"):
        require_available("raises_at_import:encode")


def test_one_function_is_one_backend(module: str) -> None:
    place = f"{module}:lengths"
    assert get_backend(place) is get_backend(place)
    assert get_backend(place).name == place
    assert make_options(place, threads=1).threads == 1


@pytest.fixture
def first(module: str, tmp_path: Path) -> Path:
    """Return the file of the first answers of `lengths`."""
    write_first(answer_texts(encoder(f"{module}:lengths"), 16), tmp_path / "first.npy")
    return tmp_path / "first.npy"


def test_answers_are_held_against_the_first(module: str, first: Path) -> None:
    found = answer_texts(encoder(f"{module}:lengths"), 3)
    assert found.shape == (len(TEXTS), 2)
    assert hold_against_first(found, "mine", "any", first) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "change",
    [lambda found: found[:, ::-1].copy(), lambda found: found * 3, lambda found: found[:, :1]],
    ids=["other directions", "other lengths", "another size"],
)
def test_other_answers_than_the_first_are_wrong(
    module: str, first: Path, change: Callable[[np.ndarray], np.ndarray]
) -> None:
    found = change(answer_texts(encoder(f"{module}:lengths"), 16))
    with pytest.raises(WrongAnswer, match="does not answer as it did first"):
        hold_against_first(found, "mine", "any", first)


@pytest.mark.parametrize("content", [None, b"no array"])
def test_first_answers_that_are_gone_or_broken(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "first.npy"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Unavailable, match="restore the file with git"):
        hold_against_first(np.ones((2, 2), np.float32), "mine", "any", path)
