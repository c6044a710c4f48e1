"""MNN, an engine that is made for phones and runs on any CPU."""

import json
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from emch.arrays import FloatArray, IntArray
from emch.backends.base import Backend, Options, Session, SessionInfo
from emch.models.build_mnn import INPUTS

OUTPUT = "last_hidden_state"


class MnnSession(Session):
    """A module of MNN over arrays."""

    def __init__(self, module: Any, inputs: list[str], info: SessionInfo) -> None:
        self.info = info
        self._module = module
        self._inputs = inputs

    def run(self, input_ids: IntArray, attention_mask: IntArray) -> FloatArray:
        """Run one batch; see `Session.run`."""
        feeds = {
            "input_ids": input_ids,
            "attention_mask": attention_mask,
            "token_type_ids": 0 * input_ids,
        }
        (hidden,) = self._module.onForward([_variable(feeds[name]) for name in self._inputs])
        # It reads into memory of its own, which the next call writes to.
        states: FloatArray = np.array(hidden.read(), dtype=np.float32)
        return states.reshape(*input_ids.shape, -1)


class Mnn(Backend):
    """MNN in fp32."""

    name = "mnn"
    artifact = "mnn"
    precision = "fp32"
    extra = "mnn"
    requires = ("mnn>=3.3",)
    modules: ClassVar[tuple[str, ...]] = ("MNN",)

    @classmethod
    def load(cls, folder: Path, options: Options) -> MnnSession:
        """Load `model.mnn`; see `Backend.load`."""
        import MNN

        chosen = {"backend": "CPU", "precision": "high", "numThread": options.threads}
        manager = MNN.nn.create_runtime_manager((chosen,))
        inputs = json.loads((folder / INPUTS).read_text(encoding="utf-8"))
        path = str(folder / "model.mnn")
        module = MNN.nn.load_module_from_file(path, inputs, [OUTPUT], runtime_manager=manager)
        # MNN does not tell what a module uses, so this is what it was told.
        info = SessionInfo(
            threads=options.threads,
            precision=cls.precision,
            provider="CPU",
            library=f"MNN {MNN.version()}",
        )
        return MnnSession(module, inputs, info)


def _variable(array: IntArray) -> Any:
    """Return an array as MNN has it."""
    from MNN import expr

    variable = expr.placeholder(list(array.shape), expr.NCHW, expr.int)
    variable.write(np.ascontiguousarray(array, dtype=np.int32))
    return variable
