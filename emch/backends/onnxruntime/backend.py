"""ONNX Runtime, used plainly: one session, with its own defaults wherever nothing is asked for."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Bare, Lines, Part, Session
from emch.backends.onnxruntime.asked import OnnxRuntimeOptions
from emch.backends.onnxruntime.cut import Feeds, cut_onnx
from emch.backends.onnxruntime.network import OnnxRuntimeNetwork
from emch.backends.onnxruntime.options import describe, session_options
from emch.backends.onnxruntime.providers import (
    choose_provider,
    loading,
    provider_options,
    require_provider,
)


class OnnxRuntimeSession(Session):
    """A session of ONNX Runtime over arrays."""

    def __init__(self, network: OnnxRuntimeNetwork, path: Path) -> None:
        self.info = network.info
        self._network = network
        self._path = path
        self._inputs = [each.name for each in network.inputs]

    @property
    def network(self) -> OnnxRuntimeNetwork:
        """See `Session.network`."""
        return self._network

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch; see `Session.run`."""
        feeds = self._feeds(input_ids, attention_mask)
        hidden: FloatArray = self._network.run_for(["last_hidden_state"], feeds)[0]
        return hidden

    def bare(self, input_ids: IntArray, attention_mask: IntArray) -> Bare:
        """Call ONNX Runtime's session on arrays; see `Session.bare`."""
        return partial(self._network.session.run, None, self._feeds(input_ids, attention_mask))

    def part(self, name: str) -> Part:
        """Cut it out of the file that was loaded; see `Session.part`."""
        bind = cut_onnx(self._network.session, self._path, name)
        return lambda input_ids, attention_mask: bind(self._feeds(input_ids, attention_mask))

    def _feeds(self, input_ids: IntArray, attention_mask: IntArray) -> Feeds:
        feeds = {"input_ids": input_ids, "attention_mask": attention_mask}
        if "token_type_ids" in self._inputs:
            feeds["token_type_ids"] = 0 * input_ids
        return feeds


class OnnxRuntime(Backend):
    """ONNX Runtime in fp32."""

    name = "onnxruntime"
    artifact = "onnx"
    precision = "fp32"
    extra = "onnxruntime"
    requires = ("onnxruntime>=1.17",)
    modules: ClassVar[tuple[str, ...]] = ("onnxruntime",)
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    has_streams = True
    files: ClassVar[tuple[str, ...] | None] = (".onnx",)
    options = OnnxRuntimeOptions

    @classmethod
    def lines(cls) -> Lines | None:
        """See `Backend.lines`."""
        return Lines(
            imports="import onnxruntime",
            load="""\
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
session = onnxruntime.InferenceSession(f"{folder}/model.onnx", options)
inputs = [each.name for each in session.get_inputs()]""",
            call="""\
feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids}
states = session.run(None, {name: feeds[name] for name in inputs})[0]""",
        )

    @classmethod
    def load(cls, folder: Path, options: OnnxRuntimeOptions) -> OnnxRuntimeSession:
        """Load `model.onnx`; see `Backend.load`."""
        path = folder / "model.onnx"
        return OnnxRuntimeSession(cls.load_network(path, options), path)

    @classmethod
    def load_network(cls, path: Path, options: OnnxRuntimeOptions) -> OnnxRuntimeNetwork:
        """Load any ONNX file; see `Backend.load_network`.

        Each stream is a session with its part of the threads: calls of one session would take the
        threads from each other. ONNX Runtime does not say what it computes in, which is what the
        file has: the account of a network has the precision of this backend's artifact.
        """
        share = replace(options, threads=options.threads // options.streams, streams=1)
        make = partial(_make_session, path, share)
        sessions = [make(session_options(share)) for _ in range(options.streams)]
        return OnnxRuntimeNetwork(sessions, describe(sessions, cls.precision), make)


def _make_session(path: Path, options: OnnxRuntimeOptions, own: Any) -> Any:
    """Return a session of ONNX Runtime, with `own` for its own options."""
    import onnxruntime

    with loading(options):
        session = onnxruntime.InferenceSession(
            path,
            own,
            providers=[choose_provider(options)],
            provider_options=[provider_options(options)],
            enable_fallback=False,  # before 1.23 it is not known, then `require_provider` says
        )
    require_provider(session, options)
    return session


class OnnxRuntimeInt8(OnnxRuntime):
    """ONNX Runtime in dynamic int8."""

    name = "onnxruntime-int8"
    artifact = "onnx-int8"
    precision = "int8"


class OnnxRuntimeFused(OnnxRuntime):
    """fp32, with the layers fused by ONNX Runtime's optimizer for transformers."""

    name = "onnxruntime-fused"
    artifact = "onnx-fused"


class OnnxRuntimeFusedInt8(OnnxRuntime):
    """Dynamic int8 of the fused layers."""

    name = "onnxruntime-fused-int8"
    artifact = "onnx-fused-int8"
    precision = "int8"
