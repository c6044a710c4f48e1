"""OpenVINO GenAI's pipeline of embeddings: tokenizer, network and pooling in C++."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray
from emch.backends.base import Backend, Bare, Lines, Options, SessionInfo, TextSession
from emch.backends.openvino.network import properties
from emch.errors import Unavailable
from emch.models.build_openvino import silence_telemetry
from emch.models.settings import EncoderSettings, Role, read_settings

POOLING = {"mean": "MEAN", "cls": "CLS", "lasttoken": "LAST_TOKEN"}
"""GenAI's words for a model's pooling."""


class GenAiSession(TextSession):
    """A loaded pipeline."""

    def __init__(self, pipeline: Any, settings: EncoderSettings, info: SessionInfo) -> None:
        self.info = info
        self._pipeline = pipeline
        self._prompts = settings.prompts

    def encode(self, texts: Sequence[str], batch_size: int, role: Role) -> FloatArray:
        """Encode texts, a batch at a time, sorted by length; see `TextSession.encode`.

        The pipeline itself pads all that it is given to the longest text.
        """
        before = self._prompts[role].text
        order = np.argsort([-len(text) for text in texts], kind="stable")
        found: list[FloatArray] = [np.empty(0, np.float32)] * len(texts)
        for start in range(0, len(texts), batch_size):
            rows = order[start : start + batch_size]
            for row, embedding in zip(
                rows, self._embed([before + texts[i] for i in rows]), strict=True
            ):
                found[row] = embedding
        return np.stack(found)

    def bare(self, texts: Sequence[str]) -> Bare:
        """Call the pipeline on texts; see `TextSession.bare`."""
        return partial(self._embed, list(texts))

    def _embed(self, texts: list[str]) -> FloatArray:
        return np.array(self._pipeline.embed_documents(texts), dtype=np.float32)


class OpenVinoGenAi(Backend):
    """OpenVINO GenAI in fp32."""

    name = "openvino-genai"
    artifact = "openvino-genai"
    precision = "fp32"
    extra = "openvino-genai"
    requires = ("openvino-genai>=2025.4",)
    modules: ClassVar[tuple[str, ...]] = ("openvino_genai", "openvino_tokenizers")
    covers = "texts"

    @classmethod
    def lines(cls) -> Lines:
        """See `Backend.lines`."""
        return Lines(
            imports="import openvino_genai",
            load="""\
chosen = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads}
pipeline = openvino_genai.TextEmbeddingPipeline
config = pipeline.Config()
config.pooling_type = getattr(pipeline.PoolingType, pooling)
config.normalize = normalize
model = pipeline(folder, "CPU", config, **chosen)""",
            call="return model.embed_documents(texts)",
            takes_texts=True,
            poolings=POOLING,
        )

    @classmethod
    def load(cls, folder: Path, options: Options) -> GenAiSession:
        """Load network and tokenizer as one pipeline; see `Backend.load`.

        Raises
        ------
        Unavailable
            The model pools, or goes on after pooling, in a way that the pipeline cannot.
        """
        silence_telemetry()
        import openvino_genai

        settings = read_settings(folder)
        pooling = POOLING.get(settings.only_pooling or "")
        if pooling is None:
            raise Unavailable(
                "OpenVINO GenAI pools by the mean, the first or the last token, and normalises; "
                "this model does more: take another backend"
            )
        pipeline = openvino_genai.TextEmbeddingPipeline
        config = pipeline.Config()
        config.pooling_type = getattr(pipeline.PoolingType, pooling)
        config.normalize = bool(settings.steps)
        config.max_length = settings.max_tokens
        loaded = pipeline(str(folder), "CPU", config, **properties("f32", options.threads))
        # The pipeline does not tell what its network uses, so this is what it was told.
        info = SessionInfo(
            threads=options.threads,
            precision=cls.precision,
            provider="CPU",
            library=f"OpenVINO GenAI {openvino_genai.__version__}",
        )
        return GenAiSession(loaded, settings, info)
