"""Any network in a file of PyTorch's: TorchScript, or an exported program (.pt2).

TorchScript is read by PyTorch's own interpreter, and not by Python's pickle. An exported program
may have pickles inside; PyTorch is told to read tensors alone out of them, so that nothing of the
file is run but the network.
"""

import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from emch.backends.base import Options, SessionInfo
from emch.backends.network import Feeds, Input, Network

EXPORTED = ".pt2"
SAFE = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
"""The variable with which `torch.load` reads no pickle but that of tensors."""

WHOLE = re.compile("id|mask|type|token", re.IGNORECASE)
"""Names of inputs that take whole numbers, for TorchScript, which does not tell types."""


class TorchNetwork(Network):
    """A module of PyTorch's over arrays by name."""

    def __init__(self, module: Any, inputs: Sequence[Input], info: SessionInfo) -> None:
        import torch

        self.info = info
        self.inputs = tuple(inputs)
        self._module = module
        self._torch = torch

    def run(self, feeds: Feeds) -> dict[str, NDArray[Any]]:
        """Run it once; see `Network.run`."""
        with self._torch.inference_mode():
            tensors = [self._torch.from_numpy(feeds[each.name]) for each in self.inputs]
            found = self._module(*tensors)
        return {name: tensor.float().numpy().copy() for name, tensor in _named(found)}


def load_torch(path: Path, options: Options) -> TorchNetwork:
    """Load a network from a file.

    Parameters
    ----------
    path : Path
        TorchScript, or an exported program where its name ends in `.pt2`.
    options : Options
        Each stream computes in the thread that calls it, and in its part of the others.
    """
    import torch

    torch.set_num_threads(options.threads // options.streams)
    if path.suffix == EXPORTED:
        with _no_pickles():
            program = torch.export.load(path)
        module, inputs = program.module(), list(_of_program(program))
        tensors = [*program.parameters(), *program.buffers()]
    else:
        with warnings.catch_warnings():
            # PyTorch announces the end of TorchScript; there are files of it all the same.
            warnings.filterwarnings("ignore", r"`torch\.jit\.load` is deprecated")
            module = torch.jit.load(path, map_location="cpu").eval()
        inputs = [_of_name(each.debugName()) for each in _taken(module)]
        tensors = [*module.parameters(), *module.buffers()]
    return TorchNetwork(module, inputs, _describe(path, tensors, options))


@contextmanager
def _no_pickles() -> Iterator[None]:
    before = os.environ.get(SAFE)
    os.environ[SAFE] = "1"
    try:
        yield
    finally:
        del os.environ[SAFE]
        if before is not None:
            os.environ[SAFE] = before


def _of_program(program: Any) -> Iterator[Input]:
    """Yield the inputs of an exported program, whose graph tells their types and shapes."""
    nodes = {node.name: node for node in program.graph.nodes if node.op == "placeholder"}
    for name in program.graph_signature.user_inputs:
        value = nodes[name].meta["val"]
        shape = tuple(size if isinstance(size, int) else str(size) for size in value.shape)
        yield Input(name, str(value.dtype).removeprefix("torch."), shape)


def _taken(module: Any) -> list[Any]:
    return list(module.forward.graph.inputs())[1:]  # the first is the module itself


def _of_name(name: str) -> Input:
    """Return an input of TorchScript: what it takes is told by its name alone."""
    own = re.sub(r"\.\d+$", "", name)
    return Input(own, "int64" if WHOLE.search(own) else "float32", (), told=False)


def _describe(path: Path, tensors: Sequence[Any], options: Options) -> SessionInfo:
    import torch

    names = {torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}
    dtypes = {tensor.dtype for tensor in tensors if tensor.is_floating_point()}
    return SessionInfo(
        threads=torch.get_num_threads() * options.streams,
        streams=options.streams,
        precision="+".join(sorted(names.get(each, str(each)) for each in dtypes)) or "fp32",
        provider="exported program" if path.suffix == EXPORTED else "TorchScript",
        library=f"torch {torch.__version__}",
    )


def _named(found: Any) -> Iterator[tuple[str, Any]]:
    """Yield the outputs with their names, or with their places where they have none."""
    if isinstance(found, Mapping):
        yield from found.items()
    elif isinstance(found, list | tuple):
        yield from ((f"output_{place}", each) for place, each in enumerate(found))
    else:
        yield "output_0", found
