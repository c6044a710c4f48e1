"""Networks that are no text encoders of the Hub, with random weights, each made by its name.

    python -m evaluation.networks FOLDER [NAME ...] [--small]

They are what `emch bench` and the engines are tried on. In full size they have the shapes of
networks that are in use; small ones, for tests, have the same graphs with fewer and narrower
layers.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from evaluation.networks import broken, graphs, models

Maker = Callable[[Path, bool], None]
"""Writes a file; the second argument says whether the network is small."""

NETWORKS: Mapping[str, Maker] = {
    "resnet50.onnx": models.resnet_onnx,
    "resnet50.pt": models.resnet_torchscript,
    "resnet50.pt2": models.resnet_exported,
    "bert.onnx": models.bert_onnx,
    "bert.pt": models.bert_torchscript,
    "bert.pt2": models.bert_exported,
    "bert-int8.onnx": models.bert_int8,
    "opset21.onnx": graphs.opset21,
    "two-ranks.onnx": graphs.two_ranks,
    "strings.onnx": graphs.strings,
    "external.onnx": graphs.external,
    "nan.onnx": graphs.nan,
    "fixed-batch.onnx": graphs.fixed_batch,
    "no-batch.onnx": graphs.no_batch,
}

BROKEN: Mapping[str, Maker] = {
    "text.onnx": broken.text,
    "truncated.onnx": broken.truncated,
    "unknown-opset.onnx": broken.unknown_opset,
    "unknown-operator.onnx": broken.unknown_operator,
}
"""What no engine can load."""


def make(name: str, folder: Path, *, small: bool = True) -> Path:
    """Write a network, the same one at every call.

    Parameters
    ----------
    name : str
        A key of `NETWORKS` or `BROKEN`.
    folder : Path
        Where its file goes, which has this name.
    small : bool
        Whether it has the sizes for tests.

    Returns
    -------
    Path
        The file; that of `external.onnx` has its weights in `external.onnx.data` beside it.
    """
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    {**NETWORKS, **BROKEN}[name](path, small)
    return path
