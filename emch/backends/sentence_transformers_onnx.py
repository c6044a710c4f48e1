"""sentence-transformers by its own switch `backend="onnx"`: its tokens and pooling, optimum.

It is what its users reach for first when they want more speed.
"""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from emch.backends.base import Backend, Lines
from emch.backends.onnxruntime.asked import OnnxRuntimeOptions
from emch.backends.onnxruntime.options import describe, session_options
from emch.backends.sentence_transformers import SentenceTransformersSession, open_library


class SwitchedToOnnx(Backend):
    """sentence-transformers on ONNX Runtime in fp32."""

    name = "sentence-transformers-onnx"
    artifact = "onnx"
    precision = "fp32"
    extra = "sentence-transformers-onnx"
    requires = (
        "sentence-transformers>=5,<6.2",  # 6.2 needs transformers 5, and optimum-onnx cannot
        "optimum-onnx==0.1.0",
        "optimum>=2.1,<3",
        "transformers>=4.48,<5",
        "onnxruntime>=1.17",
    )
    modules: ClassVar[tuple[str, ...]] = (
        "sentence_transformers",
        "optimum.onnxruntime",
        "onnxruntime",
    )
    covers = "texts"
    options = OnnxRuntimeOptions

    @classmethod
    def lines(cls) -> Lines:
        """See `Backend.lines`."""
        return Lines(
            imports="import onnxruntime\nfrom sentence_transformers import SentenceTransformer",
            load="""\
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
chosen = {"file_name": "model.onnx", "session_options": options}
model = SentenceTransformer(folder, backend="onnx", device="cpu", model_kwargs=chosen)""",
            call="return model.encode(texts)",
            takes_texts=True,
        )

    @classmethod
    def load(cls, folder: Path, options: OnnxRuntimeOptions) -> SentenceTransformersSession:
        """Load `model.onnx` as sentence-transformers does; see `Backend.load`."""
        model, library = open_library(
            folder,
            backend="onnx",
            model_kwargs={
                "file_name": "model.onnx",
                "provider": "CPUExecutionProvider",
                "session_options": session_options(options),
            },
        )
        found = describe([model[0].auto_model.session], cls.precision)
        return SentenceTransformersSession(
            model, replace(found, library=f"{library}, {found.library}")
        )
