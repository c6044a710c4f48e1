"""Any network of PyTorch's as a file that engines read: ONNX, TorchScript, an exported program."""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OPSET = 17
"""The newest that DeepSparse 1.8.0 and OpenVINO 2024.0 both read."""

TRACING = (
    # It announces the end of TorchScript.
    r"`torch\.jit\.\w+` is deprecated",
    # Tracing reads every attribute of a model.
    r"`is_gradient_checkpointing` is deprecated",
    # transformers asks whether the mask hides anything, and keeps it where it is traced; the small
    # networks' own layers ask for shapes that these traces keep fixed.
    r"Converting a tensor to a Python boolean",
    # The constants are those of the mask, 0 and the least number; the shapes stay free.
    r"torch\.tensor results are registered as constants in the trace",
)
"""What PyTorch says of each network that is traced, by how its warnings begin."""

KNOWN_WARNINGS = (
    *TRACING,
    # They announce the end of the exporter that needs nothing but PyTorch.
    r"You are using the legacy TorchScript-based ONNX export",
    r"The feature will be removed",
    r"Exporting a model to ONNX with a batch_size other than 1",
    r"Constant folding",
    # Only indices from the end would come out wrong, and the answers of every backend are checked.
    r"Exporting aten::index operator",
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
    kept : sequence of int
        The free axes that its outputs have too.
    """

    module: Any
    example: Mapping[str, Any]
    outputs: Sequence[str]
    free: Mapping[int, str]
    most: int = 512
    kept: Sequence[int] = (0,)


def write_onnx(made: Made, path: Path) -> None:
    """Write a network in ONNX."""
    import torch

    with silencing(KNOWN_WARNINGS), torch.inference_mode():
        torch.onnx.export(
            made.module,
            tuple(made.example.values()),
            path,
            input_names=[*made.example],
            output_names=[*made.outputs],
            dynamic_axes={
                **{name: dict(made.free) for name in made.example},
                **{name: {axis: made.free[axis] for axis in made.kept} for name in made.outputs},
            },
            opset_version=OPSET,
            dynamo=False,
        )


def write_torchscript(made: Made, path: Path) -> None:
    """Write a network in TorchScript."""
    import torch

    with silencing(KNOWN_WARNINGS), torch.inference_mode():
        traced = torch.jit.trace(made.module, tuple(made.example.values()), strict=False)
        torch.jit.save(traced, path)


def write_exported(made: Made, path: Path) -> None:
    """Write a network as an exported program."""
    import torch

    dims = {axis: torch.export.Dim(name, max=made.most) for axis, name in made.free.items()}
    exported = torch.export.export(
        made.module,
        tuple(made.example.values()),
        dynamic_shapes=dict.fromkeys(made.example, dims),
    )
    torch.export.save(exported, path)


def named(network: Any, inputs: Sequence[str], outputs: Sequence[str]) -> Any:
    """Return a module whose inputs and outputs have names, which is what exporters keep.

    Parameters
    ----------
    network : torch.nn.Module
        It returns outputs by their names, or one tensor.
    inputs : sequence of str
        `pixel_values` alone; or `input_ids`, `attention_mask` and `token_type_ids`.
    outputs : sequence of str
        Those to return.
    """
    import torch

    class Named(torch.nn.Module):  # type: ignore[misc] # PyTorch is Any to mypy
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def answer(self, *arrays: Any) -> Any:
            found = self.network(*arrays)
            if isinstance(found, torch.Tensor):
                found = dict.fromkeys(outputs, found)
            return {name: found[name] for name in outputs}

    class OfPictures(Named):
        def forward(self, pixel_values: Any) -> Any:
            return self.answer(pixel_values)

    class OfTokens(Named):
        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            return self.answer(input_ids, attention_mask, token_type_ids)

    return (OfPictures() if len(inputs) == 1 else OfTokens()).eval()


@contextmanager
def silencing(messages: Iterable[str]) -> Iterator[None]:
    """Keep quiet the warnings whose messages begin like these patterns, and no others."""
    with warnings.catch_warnings():
        for message in messages:
            warnings.filterwarnings("ignore", message)
        yield
