"""PyTorch eager through transformers, with its scaled-dot-product attention."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Bare, Lines, Options, Part, Session, SessionInfo
from emch.backends.cpu_features import require_cpu_bf16
from emch.backends.pytorch.cut import cut_torch
from emch.backends.pytorch.network import TorchNetwork, load_torch
from emch.errors import LacksInstructions, Unavailable
from emch.models.quiet import hide_progress


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python's garbage collector from running in the block.

    A fifth of import time is garbage collection of long-lived objects.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class TorchSession(Session):
    """A transformers model over arrays."""

    def __init__(self, model: Any, info: SessionInfo) -> None:
        import torch

        self.info = info
        self._model = model
        self._torch = torch

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch; see `Session.run`."""
        with self._torch.inference_mode():
            states = self._forward(self._tensor(input_ids), self._tensor(attention_mask))
            hidden: FloatArray = states.float().cpu().numpy()
        return hidden

    def bare(self, input_ids: IntArray, attention_mask: IntArray) -> Bare:
        """Call the model on tensors; see `Session.bare`."""
        ids, mask = self._tensor(input_ids), self._tensor(attention_mask)

        def call() -> None:
            with self._torch.inference_mode():
                answer = self._model(ids, mask)
                getattr(answer, "last_hidden_state", answer).float().cpu().numpy()

        return call

    def part(self, name: str) -> Part:
        """Take a module of the model; see `Session.part`."""
        return lambda input_ids, attention_mask: cut_torch(
            self._model, name, partial(self.run, input_ids, attention_mask)
        )

    def _forward(self, input_ids: Any, attention_mask: Any) -> Any:
        """Return the last hidden states of tensors on the session's device."""
        return self._model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    def _tensor(self, array: IntArray) -> Any:
        return self._torch.from_numpy(array).to(self.info.device)


class PyTorch(Backend):
    """PyTorch in fp32."""

    name = "pytorch"
    artifact = "safetensors"
    precision = "fp32"
    extra = "pytorch"
    requires: ClassVar[tuple[str, ...]] = ("torch>=2.6", "transformers>=4.48,<6")
    modules: ClassVar[tuple[str, ...]] = ("torch", "transformers")
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    network_streams = True
    files: ClassVar[tuple[str, ...] | None] = (".pt", ".ts", ".pt2")

    @classmethod
    @collector_paused()
    def import_engine(cls) -> None:
        """See `Backend.import_engine`."""
        super().import_engine()

    @classmethod
    def lines(cls) -> Lines | None:
        """See `Backend.lines`."""
        dtype = "bfloat16" if cls.precision == "bf16" else "float32"
        return Lines(
            imports="import torch\nfrom transformers import AutoModel",
            load=f"""\
torch.set_num_threads(threads)
network = AutoModel.from_pretrained(folder).eval().to(torch.{dtype})""",
            call="""\
with torch.inference_mode():
    found = network(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
states = found.last_hidden_state.float().numpy()""",
        )

    @classmethod
    def load(cls, folder: Path, options: Options) -> TorchSession:
        """Load `model.safetensors`; see `Backend.load`."""
        model = load_for(options, folder, cls.precision)
        return TorchSession(model, describe(model, model.config._attn_implementation))

    @classmethod
    def load_network(cls, path: Path, options: Options) -> TorchNetwork:
        """Load TorchScript or an exported program; see `Backend.load_network`."""
        return load_torch(path, options)


class PyTorchBf16(PyTorch):
    """bf16: weights and arithmetic."""

    name = "pytorch-bf16"
    precision = "bf16"
    files = ()


@collector_paused()
def load_for(options: Options, folder: Path, precision: str) -> Any:
    """Load a transformers model at a precision, onto the device and with the threads asked for.

    Raises
    ------
    Unavailable
        There is no such device, or it has no bf16 instructions.
    """
    import torch

    require_device(options.device)
    if precision == "bf16":
        require_bf16(options.device)
    set_threads(options)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    return load_model(folder).to(device=options.device, dtype=dtype)


def require_device(device: str) -> None:
    """Raise `Unavailable`, with PyTorch's own reason, where it cannot use a device."""
    import torch

    if device != "cuda":
        return
    try:
        torch.cuda.init()
    except (RuntimeError, AssertionError) as error:  # no driver or GPU; a torch without CUDA
        raise Unavailable(
            f"PyTorch has no device 'cuda' here ({error}): use the device 'cpu', or a machine "
            "with an NVIDIA GPU, its driver and a PyTorch that is built for CUDA"
        ) from error


def require_bf16(device: str) -> None:
    """Raise `LacksInstructions` where a device has no bf16 and PyTorch would emulate it."""
    import torch

    if device == "cpu":
        require_cpu_bf16()
    elif not torch.cuda.is_bf16_supported(including_emulation=False):
        raise LacksInstructions(
            f"the device '{device}' has no bf16 instructions: use a backend of another precision"
        )


def set_threads(options: Options) -> None:
    """Set PyTorch's threads, which belong to the process and not to a model."""
    import torch

    torch.set_num_threads(options.threads)


def load_model(folder: Path, attention: str | None = None) -> Any:
    """Load a transformers model for inference, from safetensors and local files only.

    Parameters
    ----------
    folder : Path
        The folder of the artifact.
    attention : str, optional
        By transformers' name; its own choice is sdpa wherever the network has it.
    """
    from transformers.utils import import_utils

    # Where scikit-learn is installed, transformers 4 imports it, pandas and all, for generating
    # text with an assistant, which no encoder does: one second of six. transformers 5 does not.
    import_utils._sklearn_available = False
    from transformers import AutoModel

    hide_progress()
    return AutoModel.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, attn_implementation=attention
    ).eval()


def describe(model: Any, provider: str) -> SessionInfo:
    """Report what a model in PyTorch uses; parameters of several types are all named."""
    import torch

    names = {torch.float32: "fp32", torch.bfloat16: "bf16"}
    dtypes = {parameter.dtype for parameter in model.parameters()}
    return SessionInfo(
        threads=torch.get_num_threads(),
        precision="+".join(sorted(names.get(dtype, str(dtype)) for dtype in dtypes)),
        provider=provider,
        library=f"torch {torch.__version__}",
        device=next(model.parameters()).device.type,
    )
