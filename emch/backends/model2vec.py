"""Model2Vec: a vector for each token, and their mean for a text, instead of a network."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray
from emch.backends.base import Backend, Lines, Options, SessionInfo, TextSession
from emch.models.build_model2vec import STATIC
from emch.models.settings import EncoderSettings, Role, read_settings

PRECISIONS = {"float16": "fp16", "float32": "fp32"}
"""Ours for NumPy's words."""


class StaticSession(TextSession):
    """A table of vectors."""

    def __init__(self, model: Any, settings: EncoderSettings, info: SessionInfo) -> None:
        self.info = info
        self._model = model
        self._settings = settings

    def encode(self, texts: Sequence[str], batch_size: int, role: Role) -> FloatArray:
        """Encode texts in this thread; see `TextSession.encode`."""
        before = self._settings.prompts[role].text
        found = self._model.encode(
            [before + text for text in texts],
            batch_size=batch_size,
            max_length=self._settings.max_tokens,
            use_multiprocessing=False,
        )
        return np.asarray(found, dtype=np.float32)


class Model2Vec(Backend):
    """Model2Vec, whose vectors are of 16 bits."""

    name = "model2vec"
    artifact = "model2vec"
    precision = "fp16"
    extra = "model2vec"
    requires = ("model2vec>=0.10",)
    modules: ClassVar[tuple[str, ...]] = ("model2vec",)
    covers = "texts"

    @classmethod
    def lines(cls) -> Lines:
        """See `Backend.lines`."""
        return Lines(
            imports="from model2vec import StaticModel",
            load=f'model = StaticModel.from_pretrained(f"{{folder}}/{STATIC}")',
            call="return model.encode(texts)",
            takes_texts=True,
        )

    @classmethod
    def load(cls, folder: Path, options: Options) -> StaticSession:
        """Load the vectors; see `Backend.load`."""
        import model2vec

        model = model2vec.StaticModel.from_pretrained(folder / STATIC)
        # It looks vectors up and adds them with NumPy; its tokenizer takes the threads it is given.
        info = SessionInfo(
            threads=options.threads,
            precision=PRECISIONS.get(str(model.embedding.dtype), str(model.embedding.dtype)),
            provider="NumPy",
            library=f"model2vec {model2vec.__version__}",
        )
        return StaticSession(model, read_settings(folder), info)
