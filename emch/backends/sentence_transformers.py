"""sentence-transformers with its own `encode`: what a user would write without emch."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray
from emch.backends.base import Backend, Bare, Lines, Options, SessionInfo, TextSession
from emch.backends.pytorch.eager import describe, set_threads
from emch.models.quiet import hide_progress
from emch.models.settings import Role


class SentenceTransformersSession(TextSession):
    """A model that sentence-transformers encodes texts with."""

    def __init__(self, model: Any, info: SessionInfo) -> None:
        self.info = info
        self._methods: dict[Role, Any] = {
            "text": model.encode,
            "query": model.encode_query,
            "document": model.encode_document,
        }

    def encode(self, texts: Sequence[str], batch_size: int, role: Role) -> FloatArray:
        """Encode texts; see `TextSession.encode`."""
        embeddings = self._methods[role](
            list(texts), batch_size=batch_size, show_progress_bar=False
        )
        return np.asarray(embeddings, dtype=np.float32)

    def bare(self, texts: Sequence[str]) -> Bare:
        """Call `encode` on texts; see `TextSession.bare`."""
        encode = self._methods["text"]
        return partial(encode, texts, batch_size=len(texts), show_progress_bar=False)


class SentenceTransformers(Backend):
    """sentence-transformers in fp32."""

    name = "sentence-transformers"
    artifact = "safetensors"
    precision = "fp32"
    extra = "sentence-transformers"
    requires = ("sentence-transformers>=5,<7",)
    modules: ClassVar[tuple[str, ...]] = ("sentence_transformers",)
    covers = "texts"

    @classmethod
    def lines(cls) -> Lines:
        """See `Backend.lines`."""
        return Lines(
            imports="import torch\nfrom sentence_transformers import SentenceTransformer",
            load="torch.set_num_threads(threads)\nmodel = SentenceTransformer(folder)",
            call="return model.encode(texts)",
            takes_texts=True,
        )

    @classmethod
    def load(cls, folder: Path, options: Options) -> SentenceTransformersSession:
        """Load the folder as sentence-transformers does; see `Backend.load`."""
        set_threads(options)
        model, library = open_library(folder)
        info = describe(model[0].auto_model, library)
        return SentenceTransformersSession(model, info)


def open_library(folder: Path, **chosen: Any) -> tuple[Any, str]:
    """Load a folder as the library does, from local files; return the model and what loaded it.

    Parameters
    ----------
    folder : Path
        Of the artifact.
    **chosen
        What else `SentenceTransformer` takes: its switch `backend`, say.
    """
    from sentence_transformers import SentenceTransformer, __version__

    hide_progress()
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True, **chosen)
    return model, f"sentence-transformers {__version__}"
