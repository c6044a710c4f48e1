"""ONNX Runtime, used plainly: one session, all optimisations, the CPU provider."""

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

PROVIDER = "CPUExecutionProvider"


class OnnxRuntimeSession(Session):
    """A session of ONNX Runtime over arrays."""

    def __init__(self, session: Any, info: SessionInfo) -> None:
        self.info = info
        self._session = session
        self._inputs = [node.name for node in session.get_inputs()]

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch; see `Session.run`."""
        feeds = {"input_ids": input_ids, "attention_mask": attention_mask}
        if "token_type_ids" in self._inputs:
            feeds["token_type_ids"] = 0 * input_ids
        hidden: FloatArray = self._session.run(["last_hidden_state"], feeds)[0]
        return hidden


class OnnxRuntime(Backend):
    """fp32."""

    artifact = "onnx"
    precision = "fp32"
    extra = "onnxruntime"
    modules: ClassVar[tuple[str, ...]] = ("onnxruntime",)

    @classmethod
    def load(cls, folder: Path, options: Options) -> OnnxRuntimeSession:
        """Load `model.onnx`; see `Backend.load`."""
        import onnxruntime

        session = onnxruntime.InferenceSession(
            folder / "model.onnx", session_options(options), providers=[PROVIDER]
        )
        info = describe(session, cls.precision)
        return OnnxRuntimeSession(session, info)


class OnnxRuntimeInt8(OnnxRuntime):
    """Dynamic int8."""

    artifact = "onnx-int8"
    precision = "int8"


def session_options(options: Options) -> Any:
    """Return ONNX Runtime's options for ours."""
    import onnxruntime

    chosen = onnxruntime.SessionOptions()
    chosen.intra_op_num_threads = options.threads
    chosen.log_severity_level = 3  # errors alone: its warnings would be taken for emch's
    return chosen


def describe(session: Any, precision: str) -> SessionInfo:
    """Report what a session of ONNX Runtime uses."""
    import onnxruntime

    return SessionInfo(
        threads=session.get_session_options().intra_op_num_threads,
        precision=precision,
        provider=session.get_providers()[0],
        library=f"onnxruntime {onnxruntime.__version__}",
    )
