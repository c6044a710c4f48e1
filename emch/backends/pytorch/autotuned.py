"""torch.compile that tries several kernels for each product, for texts of a few fixed lengths."""

from bisect import bisect_left
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Bare, SessionInfo
from emch.backends.pytorch.compiled import CompiledSession, PyTorchCompile, warm_up
from emch.models.settings import read_settings

LENGTHS = (32, 128)
"""Texts are padded to one of these, or to the most tokens that the model takes.

Each costs two compilations of 40 seconds the first time, one for a batch of 1 and one for others.
"""


class AutotunedSession(CompiledSession):
    """A network that is compiled for fixed lengths and any batch."""

    def __init__(self, model: Any, lengths: list[int], info: SessionInfo) -> None:
        super().__init__(model, info)
        self._lengths = lengths

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch, padded to one of the lengths; see `Session.run`."""
        states = super().run(*self._padded(input_ids, attention_mask))
        return states[:, : input_ids.shape[1]]

    def bare(self, input_ids: IntArray, attention_mask: IntArray) -> Bare:
        """Call the network on padded tensors; see `Session.bare`."""
        return super().bare(*self._padded(input_ids, attention_mask))

    def _padded(self, *arrays: IntArray) -> list[IntArray]:
        tokens = arrays[0].shape[1]
        place = min(bisect_left(self._lengths, tokens), len(self._lengths) - 1)
        missing = max(0, self._lengths[place] - tokens)
        return [np.pad(array, ((0, 0), (0, missing))) for array in arrays]

    def _forward(self, input_ids: Any, attention_mask: Any) -> Any:
        from torch._dynamo import mark_dynamic, mark_static

        for tensor in (input_ids, attention_mask):
            if len(tensor) > 1:
                mark_dynamic(tensor, 0)
            mark_static(tensor, 1)
        return super()._forward(input_ids, attention_mask)


class PyTorchAutotune(PyTorchCompile):
    """torch.compile with max-autotune and the C++ wrapper, in fp32."""

    name = "pytorch-compile-autotune"
    slow_to_load = True

    asked: ClassVar[Mapping[str, Any]] = {
        "fullgraph": True,
        "options": {"max_autotune": True, "cpp_wrapper": True},
    }

    @classmethod
    def compiler(cls) -> str:
        """See `PyTorchCompile.compiler`."""
        return "inductor, max-autotune"

    @classmethod
    def warmed(cls, compiled: Any, folder: Path, info: SessionInfo) -> AutotunedSession:
        """Compile for each length, and for a batch of 1 and others; see `PyTorchCompile.warmed`."""
        most = read_settings(folder).max_tokens
        lengths = [*(length for length in LENGTHS if length < most), most]
        session = AutotunedSession(compiled, lengths, info)
        warm_up(session, product((3, 1), lengths))
        return session


class PyTorchAutotuneBf16(PyTorchAutotune):
    """bf16: weights and arithmetic."""

    name = "pytorch-compile-bf16-autotune"
    precision = "bf16"
