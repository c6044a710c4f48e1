"""ONNX Runtime through optimum's model class, as most users of transformers meet it."""

from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Bare, Session, SessionInfo
from emch.backends.onnxruntime.asked import OnnxRuntimeOptions
from emch.backends.onnxruntime.options import describe, session_options
from emch.backends.onnxruntime.providers import (
    choose_provider,
    loading,
    provider_options,
    require_provider,
)


class OptimumSession(Session):
    """An `ORTModelForFeatureExtraction` over arrays."""

    def __init__(self, model: Any, info: SessionInfo) -> None:
        self.info = info
        self._model = model

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch; see `Session.run`."""
        outputs = self._model(**self._feeds(input_ids, attention_mask))
        hidden: FloatArray = outputs.last_hidden_state
        return hidden

    def bare(self, input_ids: IntArray, attention_mask: IntArray) -> Bare:
        """Call optimum's model on arrays; see `Session.bare`."""
        return partial(self._model, **self._feeds(input_ids, attention_mask))

    def _feeds(self, input_ids: IntArray, attention_mask: IntArray) -> dict[str, IntArray]:
        feeds = {"input_ids": input_ids, "attention_mask": attention_mask}
        if "token_type_ids" in self._model.input_names:
            feeds["token_type_ids"] = 0 * input_ids
        return feeds


class OptimumOnnxRuntime(Backend):
    """ONNX Runtime through optimum, in fp32."""

    name = "optimum-onnxruntime"
    artifact = "onnx"
    precision = "fp32"
    extra = "optimum-onnxruntime"
    requires = (
        "optimum-onnx==0.1.0",
        "optimum>=2.1,<3",
        "transformers>=4.48,<5",
        "onnxruntime>=1.17",
    )
    modules: ClassVar[tuple[str, ...]] = ("optimum.onnxruntime", "onnxruntime", "torch")
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    options = OnnxRuntimeOptions

    @classmethod
    def load(cls, folder: Path, options: OnnxRuntimeOptions) -> OptimumSession:
        """Load `model.onnx` with its config.json; see `Backend.load`."""
        from optimum.onnxruntime import ORTModelForFeatureExtraction

        with loading(options):
            model = ORTModelForFeatureExtraction.from_pretrained(
                folder,
                file_name="model.onnx",
                provider=choose_provider(options),
                provider_options=provider_options(options),
                session_options=session_options(options),
                local_files_only=True,
            )
        require_provider(model.model, options)
        info = describe([model.model], cls.precision)
        return OptimumSession(model, info)


class OptimumOnnxRuntimeInt8(OptimumOnnxRuntime):
    """Dynamic int8, quantized by optimum."""

    name = "optimum-onnxruntime-int8"
    artifact = "onnx-int8"
    precision = "int8"
