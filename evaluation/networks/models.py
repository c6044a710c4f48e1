"""ResNet-50 and BERT-base with random weights, in ONNX, TorchScript and as exported programs."""

from pathlib import Path
from typing import Any

from emch.models.network_files import (
    KNOWN_WARNINGS,
    Made,
    named,
    silencing,
    write_exported,
    write_onnx,
    write_torchscript,
)

SEED = 7


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
    made = named(network, [*example], ("logits",))
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
    made = named(network, [*example], outputs)
    return Made(made, example, outputs, {0: "batch", 1: "sequence"}, 64 if small else 512)


def resnet_onnx(path: Path, small: bool) -> None:
    """Write ResNet-50 in ONNX."""
    write_onnx(resnet(small), path)


def resnet_torchscript(path: Path, small: bool) -> None:
    """Write ResNet-50 in TorchScript."""
    write_torchscript(resnet(small), path)


def resnet_exported(path: Path, small: bool) -> None:
    """Write ResNet-50 as an exported program."""
    write_exported(resnet(small), path)


def bert_onnx(path: Path, small: bool) -> None:
    """Write BERT-base in ONNX."""
    write_onnx(bert(small), path)


def bert_torchscript(path: Path, small: bool) -> None:
    """Write BERT-base in TorchScript."""
    write_torchscript(bert(small), path)


def bert_exported(path: Path, small: bool) -> None:
    """Write BERT-base as an exported program."""
    write_exported(bert(small), path)


def bert_int8(path: Path, small: bool) -> None:
    """Write BERT-base in ONNX with dynamic int8 in its linear layers."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="emch-") as folder:
        plain = Path(folder) / "bert.onnx"
        bert_onnx(plain, small)
        with silencing(KNOWN_WARNINGS):
            from onnxruntime.quantization import QuantType, quantize_dynamic

            quantize_dynamic(plain, path, weight_type=QuantType.QInt8)
