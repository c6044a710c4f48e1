"""PyTorch eager through transformers, with its scaled-dot-product attention."""

from pathlib import Path
from typing import Any, ClassVar

from emch.backends.base import (
    Backend,
    FloatArray,
    IntArray,
    Options,
    Session,
    SessionInfo,
)


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
            outputs = self._model(
                input_ids=self._torch.from_numpy(input_ids),
                attention_mask=self._torch.from_numpy(attention_mask),
            )
        hidden: FloatArray = outputs.last_hidden_state.numpy()
        return hidden


class PyTorch(Backend):
    """fp32."""

    artifact = "safetensors"
    precision = "fp32"
    extra = "pytorch"
    modules: ClassVar[tuple[str, ...]] = ("torch", "transformers")

    @classmethod
    def load(cls, folder: Path, options: Options) -> TorchSession:
        """Load `model.safetensors`; see `Backend.load`."""
        set_threads(options)
        model = load_model(folder, attention="sdpa")
        info = describe(model, model.config._attn_implementation)
        return TorchSession(model, info)


def set_threads(options: Options) -> None:
    """Set PyTorch's threads, which belong to the process and not to a model."""
    import torch

    torch.set_num_threads(options.threads)


def load_model(folder: Path, attention: str) -> Any:
    """Load a transformers model for inference, from safetensors and local files only."""
    from transformers import AutoModel

    return AutoModel.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, attn_implementation=attention
    ).eval()


def describe(model: Any, provider: str) -> SessionInfo:
    """Report what a model in PyTorch uses."""
    import torch

    dtypes = {torch.float32: "fp32", torch.bfloat16: "bf16"}
    dtype = next(model.parameters()).dtype
    return SessionInfo(
        threads=torch.get_num_threads(),
        precision=dtypes.get(dtype, str(dtype)),
        provider=provider,
        library=f"torch {torch.__version__}",
    )
