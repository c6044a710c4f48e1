"""A program in another language gets no record without answers, and its lack is a reason."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from emch.backends.native import rust
from emch.errors import Unavailable, WrongAnswer
from emch.measure.process import Account
from emch.models.artifacts import Artifact
from emch.runners import fresh_process
from emch.runners.result import as_result
from tests.unit.runners.test_result import RIGHT
from tests.unit.runners.test_worker import JOBS, job


def test_result_without_answers_is_no_record() -> None:
    artifact: Any = SimpleNamespace(own=False, to_dict=dict)
    found = as_result({**RIGHT, "answers": []})
    with pytest.raises(WrongAnswer, match="gives no embeddings of the probes"):
        fresh_process._record(
            job(JOBS[0]), cast("Artifact", artifact), Account(9.0, 9.0, 9.0, 9), found
        )


def test_library_that_its_package_lacks_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def shared_library(*_: str) -> None:
        raise Unavailable("the package has no such file")

    monkeypatch.setattr(rust, "shared_library", shared_library)
    monkeypatch.setattr(rust.RustOnnxRuntime, "modules", ())
    monkeypatch.setattr(rust.RustOnnxRuntime, "built", dict)
    assert rust.RustOnnxRuntime.unavailable() == "the package has no such file"
