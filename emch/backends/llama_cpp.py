"""llama.cpp, by the Python package llama-cpp-python: the engine beneath Ollama."""

import ctypes
import weakref
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Lines, Options, Session, SessionInfo
from emch.errors import Unavailable
from emch.models.build_gguf import FILE, POOLING
from emch.models.settings import read_settings

CALL_TOKENS = 512
"""Tokens that go through the network at once, if no text has more.

llama.cpp compares every token of a call with every other and hides those of other texts by a mask,
so that twice the tokens cost four times the attention.
"""

PRECISIONS = {"F16": "fp16", "Q8_0": "int8"}
"""Ours for llama.cpp's words."""

CALL_TEXTS = 64
"""Texts that go through the network at once; 256 is the most that llama.cpp takes."""


class LlamaSession(Session):
    """A context of llama.cpp over arrays."""

    def __init__(self, model: Any, context: Any, most: int, info: SessionInfo) -> None:
        from llama_cpp import llama_batch_init, llama_model_n_embd

        self.info = info
        self._context = context
        self._hidden = llama_model_n_embd(model)
        self._most = most
        self._batch = llama_batch_init(most, 0, 1)
        weakref.finalize(self, _free, model, context, self._batch)

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch, in as many calls as it needs; see `Session.run`."""
        states = np.zeros((*input_ids.shape, self._hidden), dtype=np.float32)
        for rows in self._parts(attention_mask.sum(axis=1)):
            texts, places = np.nonzero(attention_mask[rows])
            found = self._encode(input_ids[rows][texts, places], texts, places)
            states[rows][texts, places] = found
        return states

    def _parts(self, lengths: IntArray) -> Iterator[slice]:
        """Yield slices of texts that fit one call together."""
        start = tokens = 0
        for row, length in enumerate(lengths):
            if row > start and (tokens + length > self._most or row - start == CALL_TEXTS):
                yield slice(start, row)
                start, tokens = row, 0
            tokens += length
        yield slice(start, len(lengths))

    def _encode(self, ids: IntArray, texts: IntArray, places: IntArray) -> FloatArray:
        """Run tokens, each with its text and its place in it; returns [tokens, hidden]."""
        from llama_cpp import llama_encode, llama_get_embeddings

        count = len(ids)
        self._batch.n_tokens = count
        for field, values in (("token", ids), ("pos", places), ("n_seq_id", 1), ("logits", 1)):
            np.ctypeslib.as_array(getattr(self._batch, field), (count,))[:] = values
        for place, text in enumerate(texts):
            self._batch.seq_id[place][0] = int(text)
        if status := llama_encode(self._context, self._batch):
            raise RuntimeError(f"llama_encode returned {status} for {count} tokens")
        found = np.ctypeslib.as_array(llama_get_embeddings(self._context), (count, self._hidden))
        states: FloatArray = found.copy()  # the next call writes to the same memory
        return states


class LlamaCppF16(Backend):
    """llama.cpp with weights of 16 bits."""

    name = "llama-cpp-fp16"
    artifact = "gguf-f16"
    precision = "fp16"
    extra = "llama-cpp"
    requires = ("llama-cpp-python>=0.3.30",)
    modules: ClassVar[tuple[str, ...]] = ("llama_cpp",)

    @classmethod
    def lines(cls) -> Lines:
        """See `Backend.lines`."""
        return Lines(
            imports="import llama_cpp",
            load=f"""\
chosen = {{"embedding": True, "n_threads": threads, "n_threads_batch": threads, "verbose": False}}
kind = getattr(llama_cpp, "LLAMA_POOLING_TYPE_" + pooling)
model = llama_cpp.Llama(f"{{folder}}/{FILE}", pooling_type=kind, n_ctx=0, **chosen)""",
            call="return model.embed(texts, normalize=normalize)",
            takes_texts=True,
            poolings=POOLING,
        )

    @classmethod
    def load(cls, folder: Path, options: Options) -> LlamaSession:
        """Load `model.gguf`; see `Backend.load`."""
        import llama_cpp

        llama_cpp.llama_log_set(_quiet(), ctypes.c_void_p())
        llama_cpp.llama_backend_init()
        path = folder / FILE
        model = llama_cpp.llama_model_load_from_file(
            str(path).encode(), llama_cpp.llama_model_default_params()
        )
        most = max(CALL_TOKENS, read_settings(folder).max_tokens)
        context = llama_cpp.llama_init_from_model(model, _parameters(options.threads, most))
        if not context:
            raise Unavailable(f"llama.cpp cannot load {path}: run 'emch prepare' for this model")
        weights = _weights(model)
        info = SessionInfo(
            threads=llama_cpp.llama_n_threads(context),
            precision=PRECISIONS.get(weights, weights),
            provider=f"CPU, {weights}",
            library=f"llama-cpp-python {llama_cpp.__version__}",
        )
        return LlamaSession(model, context, most, info)


class LlamaCppInt8(LlamaCppF16):
    """llama.cpp with weights of 8 bits (Q8_0)."""

    name = "llama-cpp-int8"
    artifact = "gguf-q8"
    precision = "int8"


def _parameters(threads: int, most: int) -> Any:
    """Return the parameters of a context that gives the state of every token."""
    import llama_cpp

    chosen = llama_cpp.llama_context_default_params()
    chosen.n_ctx = chosen.n_batch = chosen.n_ubatch = most
    chosen.n_seq_max = CALL_TEXTS
    chosen.n_threads = chosen.n_threads_batch = threads
    chosen.embeddings = True
    chosen.pooling_type = llama_cpp.LLAMA_POOLING_TYPE_NONE
    return chosen


def _weights(model: Any) -> str:
    """Return llama.cpp's word for what a model's weights are, the last of its description."""
    from llama_cpp import llama_model_desc

    text = ctypes.create_string_buffer(128)
    llama_model_desc(model, text, len(text))
    return text.value.decode().split()[-1]


def _free(model: Any, context: Any, batch: Any) -> None:
    from llama_cpp import llama_batch_free, llama_free, llama_model_free

    llama_batch_free(batch)
    llama_free(context)
    llama_model_free(model)


@cache
def _quiet() -> Any:
    """Return a receiver of llama.cpp's log that drops it; the library keeps no reference to it."""
    from llama_cpp import llama_log_callback

    return llama_log_callback(lambda *_: None)
