"""sentence-transformers with its own `encode`: what a user would pick instead of all this."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.backends.base import (
    Backend,
    FloatArray,
    Options,
    SessionInfo,
    TextSession,
)
from emch.backends.pytorch import describe, set_threads


class SentenceTransformersSession(TextSession):
    """A `SentenceTransformer`."""

    def __init__(self, model: Any, info: SessionInfo) -> None:
        self.info = info
        self._model = model

    def encode(self, texts: Sequence[str], batch_size: int) -> FloatArray:
        """Encode texts; see `TextSession.encode`."""
        embeddings = self._model.encode(
            list(texts), batch_size=batch_size, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(embeddings, dtype=np.float32)


class SentenceTransformers(Backend):
    """fp32."""

    artifact = "safetensors"
    precision = "fp32"
    extra = "sentence-transformers"
    modules: ClassVar[tuple[str, ...]] = ("sentence_transformers",)

    @classmethod
    def load(cls, folder: Path, options: Options) -> SentenceTransformersSession:
        """Load the folder as sentence-transformers does; see `Backend.load`."""
        from sentence_transformers import SentenceTransformer, __version__

        set_threads(options)
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        network = model[0].auto_model
        info = describe(network, f"sentence-transformers {__version__}")
        return SentenceTransformersSession(model, info)
