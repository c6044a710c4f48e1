"""An export is written from a mask of its own, and leaves the library's to everybody else."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emch.models import build_onnx

torch = pytest.importorskip("torch", reason="pip install 'emch[prepare]'")


class Network:
    """What an export looks at of a network."""

    config = SimpleNamespace(vocab_size=100)

    def forward(self, input_ids: Any, attention_mask: Any) -> None:
        """Take what an encoder takes."""


def own_mask(**_: Any) -> None:
    """Stand for the library's code."""


def test_mask_of_the_library_is_there_again_also_where_the_export_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = sys.modules[__name__]
    monkeypatch.setattr(code, "create_bidirectional_mask", own_mask, raising=False)
    during = []

    def write(*_: Any) -> None:
        during.append(vars(code)["create_bidirectional_mask"])
        raise RuntimeError

    monkeypatch.setattr(build_onnx, "load_network", lambda _: (Network(), []))
    monkeypatch.setattr(build_onnx, "write_onnx", write)
    with pytest.raises(RuntimeError):
        build_onnx.export_onnx(tmp_path, tmp_path)
    (made,) = during
    mask = made(attention_mask=torch.tensor([[1, 1, 0]]))
    assert mask.shape == (1, 1, 3, 3)
    assert mask[0, 0, 0].tolist() == [0.0, 0.0, torch.finfo(torch.float32).min]
    assert vars(code)["create_bidirectional_mask"] is own_mask
