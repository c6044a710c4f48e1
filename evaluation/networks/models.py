"""ResNet-50 and BERT-base with random weights, in ONNX, TorchScript and as exported programs."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OPSET = 17
"""The newest that DeepSparse 1.8.0 and OpenVINO 2024.0 both read."""

SEED = 7
KNOWN_WARNINGS = (
    # They announce the end of TorchScript and of the exporter that needs nothing but PyTorch.
    r"`torch\.jit\.\w+` is deprecated",
    r"You are using the legacy TorchScript-based ONNX export",
    r"The feature will be removed",
    # The shapes that these traces keep fixed are those of the small networks' own layers.
    r"Converting a tensor to a Python boolean",
    r"torch\.tensor results are registered as constants in the trace",
    r"Exporting a model to ONNX with a batch_size other than 1",
    r"Constant folding",
)


@dataclass(frozen=True)
class Made:
    """A network in PyTorch, and what its exporters have to be told.

    Attributes
    ----------
    module : torch.nn.Module
        Its outputs are a dict of arrays.
    example : mapping of str to tensor
        Inputs that it can take, by their names.
    outputs : sequence of str
        The names of its outputs.
    free : mapping of int to str
        The free axes of every input, with a name for each.
    most : int
        The greatest size of a free axis.
    """

    module: Any
    example: Mapping[str, Any]
    outputs: Sequence[str]
    free: Mapping[int, str]
    most: int = 512


def resnet(small: bool) -> Made:
    """Return ResNet-50: pictures of 224 x 224 to 1,000 classes, or of 32 x 32 to 10."""
    import torch
    from transformers import ResNetConfig, ResNetForImageClassification

    sizes: dict[str, Any] = {"num_labels": 1000}
    if small:
        sizes = {
            "num_labels": 10,
            "embedding_size": 8,
            "hidden_sizes": [16, 24, 32, 40],
            "depths": [1, 1, 1, 1],
        }
    torch.manual_seed(SEED)
    network = ResNetForImageClassification(ResNetConfig(**sizes)).eval()
    size = 32 if small else 224
    example = {"pixel_values": torch.rand(2, 3, size, size)}
    made = _named(network, [*example], ("logits",))
    return Made(made, example, ("logits",), {0: "batch"})


def bert(small: bool) -> Made:
    """Return BERT-base: tokens, mask and types to hidden states and a pooled one."""
    import torch
    from transformers import BertConfig, BertModel

    sizes: dict[str, Any] = {}
    if small:
        sizes = {
            "vocab_size": 100,
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 64,
            "max_position_embeddings": 64,
        }
    torch.manual_seed(SEED)
    # What is written out is the same as with sdpa, and every exporter has nodes for it.
    network = BertModel(BertConfig(**sizes, attn_implementation="eager")).eval()
    shape, names = (2, 16), ("input_ids", "attention_mask", "token_type_ids")
    values = (torch.randint(0, 100, shape), torch.ones(shape), torch.zeros(shape))
    example = {name: value.long() for name, value in zip(names, values, strict=True)}
    outputs = ("last_hidden_state", "pooler_output")
    made = _named(network, [*example], outputs)
    return Made(made, example, outputs, {0: "batch", 1: "sequence"}, 64 if small else 512)


def resnet_onnx(path: Path, small: bool) -> None:
    """Write ResNet-50 in ONNX."""
    _write_onnx(resnet(small), path)


def resnet_torchscript(path: Path, small: bool) -> None:
    """Write ResNet-50 in TorchScript."""
    _write_torchscript(resnet(small), path)


def resnet_exported(path: Path, small: bool) -> None:
    """Write ResNet-50 as an exported program."""
    _write_exported(resnet(small), path)


def bert_onnx(path: Path, small: bool) -> None:
    """Write BERT-base in ONNX."""
    _write_onnx(bert(small), path)


def bert_torchscript(path: Path, small: bool) -> None:
    """Write BERT-base in TorchScript."""
    _write_torchscript(bert(small), path)


def bert_exported(path: Path, small: bool) -> None:
    """Write BERT-base as an exported program."""
    _write_exported(bert(small), path)


def bert_int8(path: Path, small: bool) -> None:
    """Write BERT-base in ONNX with dynamic int8 in its linear layers."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        plain = Path(folder) / "bert.onnx"
        bert_onnx(plain, small)
        with _silencing_known():
            from onnxruntime.quantization import QuantType, quantize_dynamic

            quantize_dynamic(plain, path, weight_type=QuantType.QInt8)


def _write_onnx(made: Made, path: Path) -> None:
    import torch

    with _silencing_known(), torch.inference_mode():
        torch.onnx.export(
            made.module,
            tuple(made.example.values()),
            path,
            input_names=[*made.example],
            output_names=[*made.outputs],
            dynamic_axes={
                **{name: dict(made.free) for name in made.example},
                **{name: {0: made.free[0]} for name in made.outputs},
            },
            opset_version=OPSET,
            dynamo=False,
        )


def _write_torchscript(made: Made, path: Path) -> None:
    import torch

    with _silencing_known(), torch.inference_mode():
        traced = torch.jit.trace(made.module, tuple(made.example.values()), strict=False)
        torch.jit.save(traced, path)


def _write_exported(made: Made, path: Path) -> None:
    import torch

    dims = {axis: torch.export.Dim(name, max=made.most) for axis, name in made.free.items()}
    exported = torch.export.export(
        made.module,
        tuple(made.example.values()),
        dynamic_shapes=dict.fromkeys(made.example, dims),
    )
    torch.export.save(exported, path)


def _named(network: Any, inputs: Sequence[str], outputs: Sequence[str]) -> Any:
    """Return a module whose inputs and outputs have names, which is what exporters keep."""
    import torch

    class Named(torch.nn.Module):  # type: ignore[misc] # PyTorch is Any to mypy
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def answer(self, *arrays: Any) -> Any:
            found = self.network(*arrays)
            return {name: found[name] for name in outputs}

    class OfPictures(Named):
        def forward(self, pixel_values: Any) -> Any:
            return self.answer(pixel_values)

    class OfTokens(Named):
        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            return self.answer(input_ids, attention_mask, token_type_ids)

    return (OfPictures() if len(inputs) == 1 else OfTokens()).eval()


@contextmanager
def _silencing_known() -> Iterator[None]:
    with warnings.catch_warnings():
        for message in KNOWN_WARNINGS:
            warnings.filterwarnings("ignore", message)
        yield
