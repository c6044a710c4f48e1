"""Networks in the cache: made once from a folder, refused where the weights are not theirs."""

from pathlib import Path

import pytest

from emch.beam.asked import Asked
from emch.beam.work.network_file import network_file
from emch.errors import EmchError, InvalidInput, Unavailable
from tests.beam.models import write_bert, write_resnet, write_timm

pytestmark = pytest.mark.usefixtures("empty_cache")


def asked(task: str, model: object, backend: str = "onnxruntime") -> Asked:
    return Asked(
        task=task, model=str(model), backend=backend, threads=1, min_batch_size=1,
        max_batch_size=1, out="",
    )  # fmt: skip


@pytest.mark.parametrize("backend", ["pytorch", "onnxruntime"])
def test_network_is_made_once_for_the_same_weights(backend: str, tmp_path: Path) -> None:
    pytest.importorskip("torchvision", reason="pip install 'emch[beam]'")
    wanted = asked("language-modeling", write_bert(tmp_path / "bert"), backend)
    first = network_file(wanted)
    made = first.file.stat().st_mtime_ns
    assert network_file(wanted).file.stat().st_mtime_ns == made
    assert (first.folder / "tokenizer.json").is_file()
    feeds, logits = first.probe()
    assert sorted(feeds) == ["attention_mask", "input_ids", "token_type_ids"]
    assert logits.shape == (2, 16, 30522)
    config = tmp_path / "bert" / "config.json"
    config.write_text(config.read_text() + "\n")
    assert network_file(wanted).folder != first.folder


def empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def without_config(folder: Path) -> Path:
    write_resnet(folder)
    (folder / "config.json").unlink()
    return folder


def cut(folder: Path) -> Path:
    write_resnet(folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    return folder


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (empty, "has no weights as safetensors"),
        (without_config, "config.json cannot be read"),
        (cut, "has no network for this task"),
        (lambda folder: write_timm(folder, "resnet18", "resnet34"), "are not the network's"),
    ],
)
def test_folder_without_its_network_is_refused(make: object, message: str, tmp_path: Path) -> None:
    pytest.importorskip("torchvision", reason="pip install 'emch[beam]'")
    folder = make(tmp_path / "model")  # type: ignore[operator] # one of the functions above
    with pytest.raises(InvalidInput, match=message):
        network_file(asked("image-classification", folder))


def test_weights_as_timm_writes_them_are_read(tmp_path: Path) -> None:
    pytest.importorskip("torchvision", reason="pip install 'emch[beam]'")
    folder = write_timm(tmp_path / "resnet18", "resnet18", "resnet18")
    found = network_file(asked("image-classification", folder))
    assert (found.name, found.origin) == ("resnet18", f"folder {folder}")


@pytest.mark.parametrize(
    ("model", "backend", "message"),
    [
        ("nonsense", "onnxruntime", "is neither one of resnet101, resnet152 nor a folder"),
        ("nobody/nothing", "onnxruntime", "the Hub did not give it"),
        ("nobody/no thing!", "onnxruntime", "the Hub did not give it"),
        ("resnet101", "ctranslate2", "loads no file of any network"),
        ("resnet101", "pytorch-bf16", "loads no file of any network"),
    ],
)
def test_model_or_backend_that_cannot_be_had_is_a_reason(
    model: str, backend: str, message: str
) -> None:
    with pytest.raises(Unavailable, match=message):
        network_file(asked("image-classification", model, backend))


def test_unknown_backend_is_refused() -> None:
    with pytest.raises(EmchError, match="unknown backend 'nonsense'"):
        network_file(asked("image-classification", "resnet101", "nonsense"))
