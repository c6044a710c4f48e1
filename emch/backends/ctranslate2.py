"""CTranslate2: its own kernels for transformer encoders, which leave out the padding."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Bare, Options, Session, SessionInfo
from emch.errors import Unavailable

# Its names of what it computes in: with int8 weights, what lies between the products is fp32.
PRECISIONS = {"float32": "fp32", "int8_float32": "int8"}


class CTranslate2Session(Session):
    """An encoder of CTranslate2 over arrays."""

    def __init__(self, encoder: Any, info: SessionInfo) -> None:
        import ctranslate2

        self.info = info
        self._encoder = encoder
        self._view = ctranslate2.StorageView.from_array
        self._cpu = ctranslate2.Device.cpu

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch; see `Session.run`."""
        ids = np.ascontiguousarray(input_ids, dtype=np.int32)
        lengths = attention_mask.sum(axis=1, dtype=np.int32)
        states = self._encoder.forward_batch(self._view(ids), self._view(lengths)).last_hidden_state
        if self.info.device != "cpu":  # it would copy them from the CPU to the CPU
            states = states.to_device(self._cpu)
        hidden: FloatArray = np.asarray(states)
        return hidden

    def bare(self, input_ids: IntArray, attention_mask: IntArray) -> Bare:
        """Call the encoder on its own arrays; see `Session.bare`."""
        ids = self._view(input_ids.astype(np.int32))
        lengths = self._view(attention_mask.sum(axis=1, dtype=np.int32))
        return lambda: np.asarray(self._encoder.forward_batch(ids, lengths).last_hidden_state)


class CTranslate2(Backend):
    """CTranslate2 in fp32."""

    name = "ctranslate2"
    artifact = "ctranslate2"
    precision = "fp32"
    extra = "ctranslate2"
    requires = ("ctranslate2>=4.5",)
    modules: ClassVar[tuple[str, ...]] = ("ctranslate2",)
    has_streams = True
    devices = ("cpu", "cuda")
    compute_type: ClassVar[str] = "float32"

    @classmethod
    def load(cls, folder: Path, options: Options) -> CTranslate2Session:
        """Load `model/`, in the precision of the class; see `Backend.load`."""
        import ctranslate2

        require_supported(options.device, cls.compute_type)
        threads = options.threads // options.streams
        encoder = ctranslate2.Encoder(
            str(folder / "model"),
            device=options.device,
            compute_type=cls.compute_type,
            inter_threads=options.streams,
            intra_threads=threads,
        )
        return CTranslate2Session(encoder, describe(encoder, threads))


class CTranslate2Int8(CTranslate2):
    """int8: the weights are quantized while they are loaded, the activations as they come."""

    name = "ctranslate2-int8"
    precision = "int8"
    compute_type: ClassVar[str] = "int8"


def require_supported(device: str, compute_type: str) -> None:
    """Raise `Unavailable` where there is no such device, or it cannot compute so."""
    import ctranslate2

    if device == "cuda" and ctranslate2.get_cuda_device_count() == 0:
        raise Unavailable(
            "CTranslate2 finds no CUDA device: run on the device 'cpu', "
            "or on a machine with an NVIDIA GPU and its driver"
        )
    supported = ctranslate2.get_supported_compute_types(device)
    if compute_type not in supported:
        raise Unavailable(
            f"CTranslate2 cannot compute in {compute_type} on this {device}, "
            f"only in {', '.join(sorted(supported))}: use another backend or machine"
        )


def describe(encoder: Any, threads: int) -> SessionInfo:
    """Report what an encoder of CTranslate2 uses; it cannot be asked for its threads per batch."""
    import ctranslate2

    return SessionInfo(
        threads=threads * encoder.num_encoders,
        streams=encoder.num_encoders,
        device=encoder.device,
        precision=PRECISIONS.get(encoder.compute_type, encoder.compute_type),
        provider=f"{encoder.device} {encoder.compute_type}",
        library=f"ctranslate2 {ctranslate2.__version__}",
    )
