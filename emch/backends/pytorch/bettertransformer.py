"""PyTorch's fused encoder layers through optimum's BetterTransformer.

optimum dropped it after 1.24 and transformers 4.49 broke it, hence the extra's exact versions.
"""

from pathlib import Path
from typing import ClassVar

import numpy as np

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Options
from emch.backends.pytorch.eager import TorchSession, describe, load_model, set_threads


class BetterTransformerSession(TorchSession):
    """A transformers model with fused layers over arrays."""

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch; see `Session.run`.

        The fused layers drop padding, so columns that are padding in every text come back here.
        """
        hidden = super().run(input_ids, attention_mask)
        if missing := input_ids.shape[1] - hidden.shape[1]:
            return np.pad(hidden, ((0, 0), (0, missing), (0, 0)))
        return hidden


class BetterTransformer(Backend):
    """BetterTransformer in fp32."""

    name = "pytorch-bettertransformer"
    artifact = "safetensors"
    precision = "fp32"
    extra = "bettertransformer"
    requires = ("torch>=2.6", "transformers==4.48.3", "optimum==1.24.0", "numpy<2.3")
    modules: ClassVar[tuple[str, ...]] = ("torch", "transformers", "optimum.bettertransformer")

    @classmethod
    def load(cls, folder: Path, options: Options) -> BetterTransformerSession:
        """Load `model.safetensors` and fuse its layers; see `Backend.load`."""
        from optimum.bettertransformer import BetterTransformer as Fused

        set_threads(options)
        model = Fused.transform(load_model(folder, attention="eager")).eval()
        info = describe(model, "bettertransformer")
        return BetterTransformerSession(model, info)
