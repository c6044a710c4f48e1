"""fastembed, the library that Qdrant and LangChain take by default: its own tokens and pooling."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray
from emch.backends.base import Backend, Bare, Lines, SessionInfo, TextSession
from emch.backends.onnxruntime.asked import OnnxRuntimeOptions
from emch.backends.onnxruntime.options import describe
from emch.errors import Unavailable
from emch.models.settings import EncoderSettings, Role, read_settings

POOLING = {"mean": "MEAN", "cls": "CLS"}
"""fastembed's words for a model's pooling."""

NAME = "emch/{folder}"
"""The name that fastembed gets for a model of ours; it has one table of them for a process."""


class FastEmbedSession(TextSession):
    """A loaded model of fastembed."""

    def __init__(self, model: Any, settings: EncoderSettings, info: SessionInfo) -> None:
        self.info = info
        self._model = model
        self._prompts = settings.prompts

    def encode(self, texts: Sequence[str], batch_size: int, role: Role) -> FloatArray:
        """Encode texts, the model's prompt before each; see `TextSession.encode`."""
        before = self._prompts[role].text
        return self._embed([before + text for text in texts], batch_size)

    def bare(self, texts: Sequence[str]) -> Bare:
        """Call `embed` on texts; see `TextSession.bare`."""
        return partial(self._embed, list(texts), len(texts))

    def _embed(self, texts: list[str], batch_size: int) -> FloatArray:
        return np.stack([*self._model.embed(texts, batch_size=batch_size)]).astype(np.float32)


class FastEmbed(Backend):
    """fastembed on our ONNX file, in fp32."""

    name = "fastembed"
    artifact = "onnx"
    precision = "fp32"
    extra = "fastembed"
    requires = ("fastembed>=0.7", "onnxruntime>=1.17")
    modules: ClassVar[tuple[str, ...]] = ("fastembed", "onnxruntime")
    covers = "texts"
    options = OnnxRuntimeOptions

    @classmethod
    def lines(cls) -> Lines:
        """See `Backend.lines`."""
        return Lines(
            imports="""\
from fastembed import TextEmbedding
from fastembed.common.model_description import ModelSource, PoolingType""",
            load="""\
source = ModelSource(hf="mine/model")  # not asked, since the path is given
TextEmbedding.add_custom_model(
    "mine/model", PoolingType[pooling], normalize, source, dim=size, model_file="model.onnx"
)
model = TextEmbedding("mine/model", specific_model_path=folder, threads=threads)""",
            call="return [*model.embed(texts)]",
            takes_texts=True,
            poolings=POOLING,
        )

    @classmethod
    def load(cls, folder: Path, options: OnnxRuntimeOptions) -> FastEmbedSession:
        """Load `model.onnx` as a model of one's own; see `Backend.load`.

        Raises
        ------
        Unavailable
            The model pools, or goes on after pooling, in a way that fastembed cannot.
        """
        from fastembed import TextEmbedding
        from fastembed.common.model_description import ModelSource, PoolingType

        settings = read_settings(folder)
        pooling = POOLING.get(settings.only_pooling or "")
        if pooling is None:
            raise Unavailable(
                "fastembed pools by the mean or the first token, and normalises; this model does "
                "more: take another backend"
            )
        name = NAME.format(folder=folder)
        if not _is_known(name):
            TextEmbedding.add_custom_model(
                model=name,
                pooling=PoolingType[pooling],
                normalization=bool(settings.steps),
                sources=ModelSource(hf=name),
                dim=settings.embedding_size,
                model_file="model.onnx",
            )
        model = TextEmbedding(
            name,
            specific_model_path=str(folder),
            threads=options.threads,
            providers=["CPUExecutionProvider"],
            local_files_only=True,
        )
        found = describe([model.model.model], cls.precision)
        library = f"fastembed {_version()}, {found.library}"
        return FastEmbedSession(model, settings, replace(found, library=library))


def _is_known(name: str) -> bool:
    from fastembed import TextEmbedding

    return any(
        each["model"].lower() == name.lower() for each in TextEmbedding.list_supported_models()
    )


def _version() -> str:
    return version("fastembed")
