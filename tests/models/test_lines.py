"""Engines that have to be told how a model pools are told it in the lines without emch too."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import emch
from emch.backends.registry import get_backend, open_model
from emch.encoding.without_emch import python_lines
from emch.models.prepare import prepare
from emch.models.source import find_model
from evaluation.tiny_models import make_model

TEXTS = ["Glaciers", "Aspirin and stroke"]


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.filterwarnings("ignore")  # exporters warn their own code
def test_model_that_is_not_the_default_one_is_read_as_it_is(tmp_path: Path) -> None:
    source = find_model(str(make_model(tmp_path / "model", pooling={"pooling_mode": "cls"})))
    list(prepare(source))
    for name in ("onnxruntime", "fastembed", "openvino-genai"):
        program = python_lines(get_backend(name), open_model(name, source.key).folder, 1)
        assert program is not None
        # fastembed has one table of names for a process, where other tests run such lines too.
        program = program.replace("mine/model", "mine/another")
        found: dict[str, Any] = {}
        exec(compile(program, name, "exec"), found)  # noqa: S102 - our own lines
        wanted = emch.encoder(name, model=source.key).encode(TEXTS)
        np.testing.assert_allclose(np.asarray(found["encode"](TEXTS)), wanted, atol=1e-5)
