"""sentence-transformers by its own switch `backend="openvino"`: its tokens and pooling, optimum."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from emch.backends.base import Backend, Lines, Options
from emch.backends.openvino.network import describe, properties
from emch.backends.sentence_transformers import SentenceTransformersSession, open_library
from emch.models.build_openvino import silence_telemetry


class OnOpenVino(Backend):
    """sentence-transformers on OpenVINO in fp32."""

    name = "sentence-transformers-openvino"
    artifact = "openvino-genai"
    precision = "fp32"
    extra = "sentence-transformers-openvino"
    requires = ("sentence-transformers>=5,<7", "optimum-intel>=1.27", "openvino>=2025.4")
    modules: ClassVar[tuple[str, ...]] = ("sentence_transformers", "optimum.intel", "openvino")
    covers = "texts"

    @classmethod
    def lines(cls) -> Lines:
        """See `Backend.lines`."""
        return Lines(
            imports="from sentence_transformers import SentenceTransformer",
            load="""\
chosen = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads}
told = {"file_name": "openvino_model.xml", "ov_config": chosen}
model = SentenceTransformer(folder, backend="openvino", device="cpu", model_kwargs=told)""",
            call="return model.encode(texts)",
            takes_texts=True,
        )

    @classmethod
    def load(cls, folder: Path, options: Options) -> SentenceTransformersSession:
        """Load `openvino_model.xml` as sentence-transformers does; see `Backend.load`."""
        silence_telemetry()
        asked = properties("f32", options.threads)
        told = {"file_name": "openvino_model.xml", "ov_config": asked}
        model, library = open_library(folder, backend="openvino", model_kwargs=told)
        network = model[0].auto_model
        network.compile()
        found = describe(network.request)
        return SentenceTransformersSession(
            model, replace(found, library=f"{library}, {found.library}")
        )
