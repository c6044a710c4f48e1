"""What a measured process leaves is read as what it is, and refused where it is something else."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from emch.errors import ChildFailed, EmchError, OptionNotHonoured
from emch.runners.result import as_result, read_error, read_result
from tests.stacks import ROOT
from tests.unit.runners.test_worker import JOBS, job

SCHEMAS = ROOT / "emch" / "runners" / "schemas"
ACCOUNT = {"wall_s": 1.5, "user_s": 1.0, "kernel_s": 0.5, "peak_rss_bytes": 1000}
RIGHT: dict[str, Any] = {
    "contract": 1,
    "counts": [["hits", 3]],
    "samples": [["load_s", [0.25]], ["batch_s", [0.1, 0.2]]],
    "session": {
        "threads": 2, "streams": 1, "device": "cpu", "precision": "fp32", "provider": "p",
        "library": "l 1",
    },
    "answers": [[[0.5, None]]],
    "before_check": ACCOUNT,
    "after_check": ACCOUNT,
}  # fmt: skip


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.json").read_text()))


@pytest.mark.parametrize("name", ["job", "result", "description"])
def test_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(json.loads((SCHEMAS / f"{name}.json").read_text()))


@pytest.mark.parametrize("task", JOBS, ids=lambda task: task.name)
def test_every_job_is_what_the_schema_says(task: Any) -> None:
    validator("job").validate(json.loads(job(task).to_json()))


def test_result_is_read_with_its_types() -> None:
    validator("result").validate(RIGHT)
    found = as_result(RIGHT)
    assert found.counts == [("hits", 3)]
    assert dict(found.samples)["batch_s"] == [0.1, 0.2]
    assert found.answers[0].dtype == "float32"
    assert str(found.answers[0].tolist()) == "[[0.5, nan]]"
    assert found.before_check.peak_rss_bytes == 1000


def test_error_is_read_as_what_it_was(tmp_path: Path) -> None:
    written = {"contract": 1, "error": "in a sentence", "kind": "OptionNotHonoured"}
    validator("result").validate(written)
    path = tmp_path / "result"
    path.write_text(json.dumps(written))
    error = read_error(path)
    assert (type(error), str(error)) == (OptionNotHonoured, "in a sentence")


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps(RIGHT)])
def test_what_is_no_error_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "result").write_text(text)
    assert read_error(tmp_path / "result") is None
    assert read_error(tmp_path / "not there") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ("[]", "version None of the contract"),
        ('{"contract": 2}', "version 2 of the contract, and this emch reads version 1"),
    ],
)
def test_file_that_is_no_result_is_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "result").write_text(text)
    with pytest.raises(ChildFailed, match=words):
        read_result(tmp_path / "result")


WRONG: dict[str, Any] = {
    "no counts": lambda found: found.pop("counts"),
    "counts that are no numbers": lambda found: found.update(counts=[["hits", "many"]]),
    "a mapping for pairs": lambda found: found.update(samples={"load_s": [1.0]}),
    "no account": lambda found: found.pop("before_check"),
    "an account of something else": lambda found: found["after_check"].pop("user_s"),
    "answers that are no matrix": lambda found: found.update(answers=[[[1.0], [1.0, 2.0]]]),
    "no session": lambda found: found.update(session=None),
}


@pytest.mark.parametrize("what", WRONG)
def test_result_that_is_not_what_the_contract_says_is_a_sentence(what: str) -> None:
    found = deepcopy(RIGHT)
    WRONG[what](found)
    with pytest.raises(EmchError, match=r"not what the contract says .*docs/native-runners.md"):
        as_result(found)
