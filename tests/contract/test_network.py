"""A network of any signature is loaded, described and run by the engines that read its file."""

from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest

from emch.backends.base import Options
from emch.backends.load import load_network
from emch.backends.network import require_fit
from emch.errors import InvalidInput, LoadFailed, Unavailable
from emch.runners.contract.subject import Subject

# kept = Relu(MatMul(pixels, [[0, 1], [2, 3], [4, 5]])); scores = kept + shift. In ONNX with opset
# 13, as every engine reads it; no stack but one has a library that could write it here.
TINY = b64decode(
    b"CAc6/wEKIQoGcGl4ZWxzCgZ3ZWlnaHQSB3Byb2R1Y3QiBk1hdE11bAoVCgdwcm9kdWN0EgRrZXB0IgRSZWx1ChoK"
    b"BGtlcHQKBXNoaWZ0EgZzY29yZXMiA0FkZBIEdGlueSooCAMIAhABQgZ3ZWlnaHRKGAAAAAAAAIA/AAAAQAAAQEAA"
    b"AIBAAACgQFodCgZwaXhlbHMSEwoRCAESDQoHEgViYXRjaAoCCANaHAoFc2hpZnQSEwoRCAESDQoHEgViYXRjaAoC"
    b"CAJiHQoGc2NvcmVzEhMKEQgBEg0KBxIFYmF0Y2gKAggCYhsKBGtlcHQSEwoRCAESDQoHEgViYXRjaAoCCAJCBAoA"
    b"EA0="
)
FEEDS = {
    "pixels": np.array([[1, -2, 3], [0, 1, -9]], dtype=np.float32),
    "shift": np.array([[1, 1], [2, 2]], dtype=np.float32),
}
KEPT = np.array([[8, 10], [0, 0]], dtype=np.float32)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(TINY)
    return path


@pytest.fixture
def reader(subject: Subject) -> str:
    """Return a backend that says that it loads any network."""
    if ".onnx" not in (subject.backend.files or ()):
        pytest.skip("it reads no ONNX file")
    return subject.name


def test_inputs_are_described_and_outputs_have_their_names(reader: str, tiny: Path) -> None:
    network = load_network(reader, tiny, Options(threads=2))
    assert [(each.name, each.dtype) for each in network.inputs] == [
        ("pixels", "float32"),
        ("shift", "float32"),
    ]
    assert [each.shape[1] for each in network.inputs] == [3, 2]
    assert all(isinstance(each.shape[0], str) for each in network.inputs)
    require_fit(network, FEEDS)
    for texts in (2, 1):  # the first axis is free
        found = network.run({name: array[:texts] for name, array in FEEDS.items()})
        assert list(found) == ["scores", "kept"]
        np.testing.assert_array_equal(found["kept"], KEPT[:texts])
        np.testing.assert_array_equal(found["scores"], (KEPT + FEEDS["shift"])[:texts])


def test_answer_is_not_written_over_by_the_next(reader: str, tiny: Path) -> None:
    network = load_network(reader, tiny, Options(threads=2))
    first = network.run(FEEDS)["kept"]
    network.run({name: 2 * array for name, array in FEEDS.items()})
    np.testing.assert_array_equal(first, KEPT)


def test_account_is_that_of_the_engine(reader: str, tiny: Path) -> None:
    info = load_network(reader, tiny, Options(threads=1)).info
    assert info.threads == 1
    assert info.provider
    assert any(character.isdigit() for character in info.library)


def test_file_that_is_missing_or_no_network_is_refused(reader: str, tiny: Path) -> None:
    with pytest.raises(InvalidInput, match="no file"):
        load_network(reader, tiny.with_name("nothing.onnx"), Options(threads=1))
    tiny.write_bytes(b"no network")
    with pytest.raises(LoadFailed, match=f"the backend '{reader}' could not load"):
        load_network(reader, tiny, Options(threads=1))


def test_other_backends_say_that_they_load_none(subject: Subject, tiny: Path) -> None:
    if ".onnx" in (subject.backend.files or ()):
        pytest.skip("it reads ONNX files")
    with pytest.raises(
        Unavailable, match=r"loads no file of any network|reads (no file|files that)"
    ):
        load_network(subject.name, tiny, Options(threads=1))
