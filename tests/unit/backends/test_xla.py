"""The XLA backend's own business: the shapes it pads to, what it compiles, where it runs."""

import os
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save_file

from emch.backends.base import Options
from emch.backends.xla.backend import Xla, XlaSession, bucket
from emch.backends.xla.bert import read_sizes, read_weights
from emch.backends.xla.device import TASKS, confined
from emch.errors import Unavailable
from emch.models.artifacts import open_artifact
from tests.conftest import Require

TEXTS = st.integers(1, 300)
TOKENS = st.integers(1, 512)


@pytest.fixture(scope="module")
def folder(require: Require, prepared_model: str) -> Path:
    require(find_spec("jax"), "jax is not installed")
    return open_artifact(prepared_model, "safetensors").folder


@pytest.fixture(scope="module")
def session(folder: Path) -> XlaSession:
    return Xla.load(folder, Options(threads=1))


def run(session: XlaSession, texts: int, tokens: int) -> np.ndarray:
    return session.run(np.full((texts, tokens), 2088), np.ones((texts, tokens), dtype=np.int64))


@given(TEXTS, TOKENS)
def test_bucket_holds_the_batch_with_little_padding(texts: int, tokens: int) -> None:
    rows, columns = bucket(texts, tokens, 512)
    assert texts <= rows <= max(1.25 * texts, 2 * texts if texts <= 16 else 0, texts + 7)
    assert tokens <= columns <= max(1.25 * tokens, tokens + 7)


@given(TEXTS, TOKENS)
def test_bucket_is_its_own_bucket(texts: int, tokens: int) -> None:
    shape = bucket(texts, tokens, 512)
    assert bucket(*shape, 512) == shape


def test_buckets_are_few() -> None:
    assert {bucket(1, tokens, 512)[1] for tokens in range(1, 65)} == set(range(8, 65, 8))
    assert {bucket(texts, 1, 512)[0] for texts in range(1, 17)} == {1, 2, 4, 8, 16}
    assert len({bucket(1, tokens, 512) for tokens in range(1, 513)}) == 20


def test_bucket_ends_at_the_last_position() -> None:
    assert bucket(1, 509, 510) == (1, 510)


def test_each_bucket_is_compiled_once(session: XlaSession) -> None:
    before = len(session.compile_s)
    shapes = list(product((5, 7, 8), (9, 15, 17)))
    for texts, tokens in shapes:
        assert run(session, texts, tokens).shape == (texts, tokens, 384)
    compiled = session.compile_s[before:]
    assert len(compiled) == len({bucket(*shape, 512) for shape in shapes}) == 2
    assert all(seconds > 0 for seconds in compiled)


def test_second_call_compiles_nothing(session: XlaSession) -> None:
    first = run(session, 3, 20)
    before = list(session.compile_s)
    np.testing.assert_array_equal(run(session, 3, 20), first)
    assert session.compile_s == before


def test_what_stands_at_padding_is_finite(session: XlaSession) -> None:
    mask = np.array([[1, 1, 1], [1, 0, 0], [0, 0, 0]])
    assert np.isfinite(session.run(np.full((3, 3), 2088), mask)).all()


def test_session_leaves_the_process_as_it_was(folder: Path) -> None:
    from jax._src import xla_bridge

    def state() -> tuple[bool, set[int], str | None]:
        default_client = xla_bridge.backends_are_initialized()
        return default_client, os.sched_getaffinity(0), os.environ.get("PJRT_NPROC")

    before = state()
    run(Xla.load(folder, Options(threads=1)), 1, 8)
    assert state() == before


def test_compilation_is_confined_to_as_many_cpus(require: Require) -> None:
    require(TASKS.is_dir(), "only Linux lets a process choose its CPUs")
    usable = os.sched_getaffinity(0)
    seen: list[set[int]] = []
    with confined(1):
        thread = Thread(target=lambda: seen.append(os.sched_getaffinity(0)))
        thread.start()
        thread.join()
    assert [len(cpus) for cpus in seen] == [1]
    assert os.sched_getaffinity(0) == usable
    with confined(len(usable) + 1):
        assert os.sched_getaffinity(0) == usable


def test_sessions_have_their_own_threads(folder: Path, session: XlaSession) -> None:
    other = Xla.load(folder, Options(threads=3))
    assert (session.info.threads, other.info.threads) == (1, 3)


def test_missing_cuda_device_is_unavailable(require: Require, folder: Path) -> None:
    require(not find_spec("jax_cuda12_plugin"), "this JAX has code for CUDA")
    with pytest.raises(Unavailable, match=r"no CUDA device.*Unknown backend cuda.*pip install"):
        Xla.load(folder, Options(threads=1, device="cuda"))


def test_other_networks_are_skipped_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert", "hidden_act": "relu"}')
    with pytest.raises(Unavailable, match=r"hidden_act 'relu'.*take another backend"):
        read_sizes(tmp_path)


def test_weight_that_is_missing_is_named(folder: Path, tmp_path: Path) -> None:
    with safe_open(folder / "model.safetensors", "numpy") as file:
        needed = ("embeddings.", "encoder.")
        names = [
            name
            for name in file.keys()  # noqa: SIM118
            if name.startswith(needed) and not name.endswith("position_ids")
        ]
    for name in names:
        kept = {each: np.zeros(1, dtype=np.float32) for each in names if each != name}
        save_file(kept, tmp_path / "model.safetensors")
        with pytest.raises(Unavailable, match=rf"has no '{name}', which"):
            read_weights(tmp_path, read_sizes(folder).layers)
